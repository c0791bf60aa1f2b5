"""The table: which update is handled by what."""

from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any

from telegram import Message, Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChosenInlineResultHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)
from telegram.ext.filters import BaseFilter

from bot.rendering import admin_messages, messages, operator_messages
from bot.settings import Settings
from bot.state import (
    ChatSets,
    Contexts,
    Digests,
    Groups,
    Offers,
    PersonalData,
    Recorder,
    Roles,
    Watches,
    key_from_token,
)
from bot.telegram.handlers.access import (
    ForwardedFromChannel,
    FromAdmin,
    FromEditor,
    FromOtherBot,
    MayAsk,
    NotForwarded,
    TooManyTurns,
)
from bot.telegram.handlers.addressing import Command, HasWords, Mentioned, MentionsOthers, RepliesToBot
from bot.telegram.handlers.albums import LaterInAlbum
from bot.telegram.handlers.answers import AnswerHandlers
from bot.telegram.handlers.articles import ArticleHandlers
from bot.telegram.handlers.buttons import Action, Buttons
from bot.telegram.handlers.chat_engines import ChatEngines
from bot.telegram.handlers.confirmations import Confirmations
from bot.telegram.handlers.digest import DigestHandlers
from bot.telegram.handlers.documents import DocumentHandlers
from bot.telegram.handlers.edits import EditedSoon
from bot.telegram.handlers.flood_limit import FloodLimit
from bot.telegram.handlers.gaps import GapHandlers, RepliesToGap
from bot.telegram.handlers.groups import AddedBot, GroupHandlers, Listening
from bot.telegram.handlers.guests import GuestHandlers
from bot.telegram.handlers.help import HelpHandlers
from bot.telegram.handlers.inline import InlineHandlers
from bot.telegram.handlers.links import LinkHandlers
from bot.telegram.handlers.posts import PostHandlers
from bot.telegram.handlers.privacy import PrivacyHandlers
from bot.telegram.handlers.questions import QuestionHandlers
from bot.telegram.handlers.reader import say
from bot.telegram.handlers.reload import ReloadHandlers
from bot.telegram.handlers.roles import RoleHandlers
from bot.telegram.handlers.sets import SetHandlers
from bot.telegram.handlers.sources import SourceHandlers
from bot.telegram.handlers.stats import StatsHandlers
from bot.telegram.handlers.threads import Threads
from bot.telegram.handlers.uploads import UploadLoader
from bot.telegram.handlers.votes import VoteHandlers
from bot.telegram.handlers.watches import WatchHandlers
from bot.telegram.jobs.digest import WeeklyDigest
from bot.telegram.jobs.notices import Notices
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.monitoring.prometheus_metrics import Metrics
from retrieval import Engine, SetsNotAsked

Handler = BaseHandler[Any, Any, Any]
_DOCUMENT = filters.Document.ALL & ~filters.ANIMATION
_ANSWERS_GAP = RepliesToGap() & HasWords() & ~Command() & ~_DOCUMENT  # whose caption is not what it says
_POST = ForwardedFromChannel() & ~Command() & ~filters.StatusUpdate.ALL
_TO_BOT = HasWords() & ~Command() & (Mentioned() | (RepliesToBot() & ~MentionsOthers()))
_PRESSES = 3  # of buttons for each question that a person may ask
Callback = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]


class Handlers:
    """The handlers of one bot, which share one job runner and the open offers."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        executor: Executor,
        *,
        recorder: Recorder | None = None,
        groups: Groups | None = None,
        roles: Roles | None = None,
        metrics: Metrics | None = None,
        tell_admins: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Engine, executor and recorder stay the caller's to close; `tell_admins` sends a text to every admin."""
        self._known_groups = groups or Groups(settings.state, None)
        roles = roles or Roles(settings.state)
        self._may_ask = MayAsk(settings, roles, self._known_groups)
        chat_sets = ChatSets(settings.state)
        engines = ChatEngines(engine, chat_sets)
        self._from_editor, self._from_admin = FromEditor(settings, roles), FromAdmin(settings)
        self._offers = Offers(settings.state)
        self.jobs = JobRunner()
        limit = FloodLimit(settings.questions_per_minute)
        self._presses = FloodLimit(_PRESSES * settings.questions_per_minute)
        threads = Threads(executor, settings.workers)
        self.help = HelpHandlers(self._from_editor, self._from_admin, engines, threads)
        self.roles = RoleHandlers(settings, roles, self.help)
        contexts = Contexts(settings.state, key_from_token(settings.token), settings.keep_days)
        self.groups = GroupHandlers(settings, self._known_groups, roles, chat_sets, tell_admins)
        self.questions = QuestionHandlers(
            engines,
            threads,
            recorder,
            show_help=self.help.help,
            on_upgrade=self.groups.upgraded,
            limit=limit,
            metrics=metrics,
            contexts=contexts,
        )
        self.links = LinkHandlers(recorder, self.questions.answer, self.help.start)
        self.inline = InlineHandlers(settings, self._may_ask, engines, threads, recorder)
        self.guests = GuestHandlers(self._may_ask, limit, self.questions, engine, threads)
        self._answers_guests = settings.guests
        self.answers = AnswerHandlers(engines, threads, recorder)
        self.votes = VoteHandlers(recorder)
        self.stats = StatsHandlers(settings, self.jobs)
        self.articles = ArticleHandlers(settings, engines, threads, self.jobs, self._offers)
        self.reload = ReloadHandlers(settings, engine, self.jobs, self._offers)
        self.sources = SourceHandlers(settings, engine, self.jobs, self._offers)
        loader = UploadLoader(settings, self.jobs)
        self.documents = DocumentHandlers(settings, engine, loader, self._offers)
        self.posts = PostHandlers(settings, loader, self._offers)
        self.gaps = GapHandlers(settings, engine, threads, loader, recorder)
        data = PersonalData(settings.state, key_from_token(settings.token))
        self.privacy = PrivacyHandlers(settings, data, roles, chat_sets, self.help)
        digests = Digests(settings.state)
        self.digest = DigestHandlers(digests)
        self.weekly_digest = WeeklyDigest(settings, self.jobs, digests, self._from_admin.includes)
        watches = Watches(settings.state)
        self.watches = WatchHandlers(
            engines, threads, recorder, contexts, watches, is_within_limit=self.questions.is_within_limit
        )
        self.notices = Notices(engine, engines.of, watches, self.questions.compose_notice, self._may_ask.allows)
        self.sets = SetHandlers(settings, engine, chat_sets)

    def may_ask(self, message: Message) -> bool:
        """Whether whoever wrote a message may ask."""
        return self._may_ask.filter(message)

    def table(self) -> list[Handler]:
        """Return the handlers in order: an update goes to the first that matches it.

        For everybody else, the commands of editors and admins are unknown commands. Of edited messages, only questions match:
        editing a command does not repeat it.
        """
        asker = filters.UpdateType.MESSAGE & self._may_ask
        private, group = asker & filters.ChatType.PRIVATE, asker & filters.ChatType.GROUPS
        stranger = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & ~self._may_ask
        corrected = filters.UpdateType.EDITED_MESSAGE & filters.ChatType.PRIVATE
        asked_of_all = Command() | Mentioned()
        return [
            MessageHandler(FromOtherBot() & (~asked_of_all | TooManyTurns()), ignore),
            MessageHandler(filters.UpdateType.MESSAGE & filters.StatusUpdate.MIGRATE, on_message(self.groups.migrated)),
            *self._for_editors(private & self._from_editor),
            *self._for_admins(private & self._from_admin, group & self._from_admin),
            MessageHandler(private & LaterInAlbum() & ~HasWords(), ignore),
            MessageHandler(private & self._from_editor & _POST, on_message(self.posts.post)),
            MessageHandler(asker & Command("ask"), on_message(self.questions.ask)),
            CommandHandler("new", on_message(self.questions.forget), asker),
            CallbackQueryHandler(self._buttons().pressed),
            *self._outside(),
            *self._in_private(private),
            *self._in_groups(group),
            MessageHandler(self._from_editor & corrected & _ANSWERS_GAP, on_message(self.gaps.answer)),
            MessageHandler(self._corrected(), on_message(self.questions.edited)),
            MessageHandler(stranger, on_message(self.help.not_allowed)),
        ]

    def _outside(self) -> list[Handler]:
        """Return the handlers of what people do in chats that the bot need not be in."""
        handlers: list[Handler] = [InlineQueryHandler(self.inline.query), ChosenInlineResultHandler(self.inline.chosen)]
        if self._answers_guests:
            handlers.append(MessageHandler(filters.UpdateType.GUEST_MESSAGE, on_message(self.guests.mentioned)))
        return handlers

    def _for_editors(self, private: BaseFilter) -> list[Handler]:
        command = private & NotForwarded()  # to forward a command is not to give it
        return [
            CommandHandler("reload", on_message(self.reload.reload), command),
            CommandHandler("cancel", on_message(self.reload.cancel), command),
            CommandHandler("stats", on_message(self.stats.stats), command),
            CommandHandler("gaps", on_message(self.gaps.show_list), command),
            MessageHandler(private & _ANSWERS_GAP, on_message(self.gaps.answer)),
            MessageHandler(private & _DOCUMENT, on_message(self.documents.document)),
        ]

    def _for_admins(self, private: BaseFilter, group: BaseFilter) -> list[Handler]:
        command, here = private & NotForwarded(), group & NotForwarded()
        return [
            CommandHandler("add", on_message(self.sources.add), command),
            CommandHandler("sources", on_message(self.sources.list), command),
            CommandHandler("digest", on_message(self.digest.digest), command),
            CommandHandler("listen", on_message(self.groups.listen), command | here),
            CommandHandler("allow", on_message(self.roles.allow), command | here),
            CommandHandler("block", on_message(self.roles.block), command | here),
            CommandHandler("editors", on_message(self.roles.editors), command),
            CommandHandler("sets", on_message(self.sets.sets), command | here),
        ]

    def _in_private(self, private: BaseFilter) -> list[Handler]:
        return [
            CommandHandler("start", on_message(self.links.start), private),
            CommandHandler("help", on_message(self.help.help), private),
            CommandHandler("articles", on_message(self.articles.list), private),
            CommandHandler("watch", on_message(self.watches.watch), private),
            CommandHandler("watching", on_message(self.watches.watching), private),
            CommandHandler("privacy", on_message(self.privacy.privacy), private),
            CommandHandler("mydata", on_message(self.privacy.my_data), private),
            CommandHandler("forgetme", on_message(self.privacy.forget_me), private),
            MessageHandler(private & Command(), on_message(self.help.unknown_command)),
            MessageHandler(private & HasWords(), on_message(self.questions.private)),
            MessageHandler(private & ~filters.StatusUpdate.ALL, on_message(self.help.only_text)),
        ]

    def _in_groups(self, group: BaseFilter) -> list[Handler]:
        to_nobody = ~filters.REPLY & ~filters.FORWARDED & ~MentionsOthers()
        return [
            CommandHandler(["start", "help"], on_message(self.groups.help), group),
            CommandHandler("articles", on_message(self.groups.in_private), group),
            MessageHandler(group & AddedBot(), on_message(self.groups.help)),
            MessageHandler(group & _TO_BOT, on_message(self.questions.in_group)),
            MessageHandler(
                group & HasWords() & ~Command() & to_nobody & Listening(self._known_groups),
                on_message(self.questions.overheard),
            ),
        ]

    def _corrected(self) -> BaseFilter:
        """Return the filter of questions that were corrected soon after they were asked."""
        private = filters.ChatType.PRIVATE & HasWords() & ~Command() & ~(self._from_editor & _DOCUMENT)
        question = Command("ask") | private | (filters.ChatType.GROUPS & _TO_BOT)
        return filters.UpdateType.EDITED_MESSAGE & ~filters.FORWARDED & EditedSoon() & self._may_ask & question

    def _buttons(self) -> Buttons:
        """Return the table of buttons, then that of the answers to questions."""
        buttons = Buttons(self._may_ask, self._from_editor, self._from_admin, self._presses)
        buttons.register(Action.EXAMPLE, self.questions.example, shared=True)
        buttons.register(Action.ALONE, self.questions.alone, shared=True)
        buttons.register(Action.MORE, self.answers.show_page, shared=True)
        buttons.register(Action.CONTEXT, self.answers.show_context, shared=True)
        buttons.register(Action.WHY, self.answers.show_why, shared=True)
        buttons.register(Action.HELPFUL, self.votes.helpful, shared=True)
        buttons.register(Action.NOT_HELPFUL, self.votes.not_helpful, shared=True)
        buttons.register(Action.WRONG, self.votes.wrong, for_everybody=True)
        buttons.register(Action.TELL, self.watches.tell_editors, for_everybody=True)
        buttons.register(Action.UNWATCH, self.watches.end, for_everybody=True)
        buttons.register(Action.FORGET, self.privacy.forget, for_everybody=True)
        buttons.register(Action.GAPS, self.gaps.show_page, for_editors=True)
        buttons.register(Action.GAP, self.gaps.show, for_editors=True)
        buttons.register(Action.DISMISS, self.gaps.dismiss, for_editors=True)
        buttons.register(Action.QUOTE, self.gaps.quote, for_editors=True)
        buttons.register(Action.PAGE, self.articles.show_page, for_everybody=True)
        buttons.register(Action.ARTICLE, self.articles.show_article)
        buttons.register(Action.DELETE, self.articles.confirm_delete)
        buttons.register(Action.SOURCE, self.sources.confirm_remove)
        buttons.register(Action.SET, self.sets.choose)

        asked = Confirmations(self._offers, self.jobs, buttons, self._from_editor)
        added, load = self.documents, self.reload
        asked.register("delete", self.articles.delete, admin_messages.NOTHING_DELETED)
        asked.register("documents", added.add, admin_messages.NOTHING_ADDED, other=added.add_beside, for_editors=True)
        asked.register("post", self.posts.add, admin_messages.NOTHING_ADDED, for_editors=True)
        asked.register(
            "reload", load.load_previewed, operator_messages.NOT_LOADED, other=load.load_and_remove, for_editors=True
        )
        asked.register("source", self.sources.remove, admin_messages.NOTHING_REMOVED)
        return buttons


async def ignore(_: Update, __: ContextTypes.DEFAULT_TYPE) -> None:
    """Keep silent."""


def on_message(handle: Callable[[Message], Coroutine[Any, Any, None]]) -> Callback:
    """Call a handler with the message alone; its filters let no update through that has none."""

    async def callback(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if message is not None:
            try:
                await handle(message)
            except SetsNotAsked:
                await say(message, messages.SETS_NOT_ASKED)

    return callback
