"""CITEBOT_STATE: what the bot itself remembers, in one SQLite file.

Questions with their answers, what people thought of these, and how they were judged; what Telegram delivered, from before it is acknowledged
until it is answered; offers that wait for a yes or no; chats that blocked the bot; groups that it listens in or that have
become supergroups; who may what; which sets of articles a chat is answered from. Loads never block it and rollbacks never touch it.

The view `asked`, for people who open the file in an SQLite tool, has a row for each answer, the latest first: `at`,
`channel`, `question`, `language`, `answered`, `confidence`, the `article` and the `quote` that came first, the ID of the
`answer`, how many found it `helpful` or `unhelpful`, and why it could not be delivered (`undelivered`).
"""

from bot.state.answers import AnswerLog
from bot.state.blocked import BlockedChats
from bot.state.chat_sets import Binding, ChatSets
from bot.state.contexts import Contexts, Talk
from bot.state.database import StateError
from bot.state.digests import Digests
from bot.state.groups import Groups
from bot.state.ids import key_from_token
from bot.state.inbox import DeadLetter, Inbox, StoredUpdate
from bot.state.instance_lock import hold_state
from bot.state.judgements import Judgements
from bot.state.offers import Offer, Offers
from bot.state.personal_data import PersonalData
from bot.state.recorder import Recorder, SenderRecorder, open_recorder
from bot.state.records import (
    CONSOLE,
    Channel,
    Citation,
    ExportedQuestion,
    Figures,
    FirstSentence,
    Gap,
    OpenQuestion,
    Overview,
    Sender,
    StoredAnswer,
    StoredQuestion,
    Verdict,
    Votes,
    wording,
)
from bot.state.roles import Role, RoleChange, Roles
from bot.state.statistics import Statistics
from bot.state.watches import Watch, Watches

__all__ = [
    "CONSOLE",
    "AnswerLog",
    "Binding",
    "BlockedChats",
    "Channel",
    "ChatSets",
    "Citation",
    "Contexts",
    "DeadLetter",
    "Digests",
    "ExportedQuestion",
    "Figures",
    "FirstSentence",
    "Gap",
    "Groups",
    "Inbox",
    "Judgements",
    "Offer",
    "Offers",
    "OpenQuestion",
    "Overview",
    "PersonalData",
    "Recorder",
    "Role",
    "RoleChange",
    "Roles",
    "Sender",
    "SenderRecorder",
    "StateError",
    "Statistics",
    "StoredAnswer",
    "StoredQuestion",
    "StoredUpdate",
    "Talk",
    "Verdict",
    "Votes",
    "Watch",
    "Watches",
    "hold_state",
    "key_from_token",
    "open_recorder",
    "wording",
]  # fmt: skip
