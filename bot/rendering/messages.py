"""The bot's texts for everybody: plain text without markup, shared by the terminal and Telegram.

What is in capitals here is translated: the catalogues of `texts.py` find it by its name.
"""

from collections.abc import Iterable, Sequence

from bot.rendering.texts import ENGLISH, Forms, Own, Texts
from bot.rendering.titles import distinct
from retrieval.records import Answer, Correction, Hit, Intent, Snippet, StoredArticle

GREETING = "Hello! Ask me a question about the articles, and I'll quote the sentence that answers it, with its source."
THANKS = "You're welcome!"
GOODBYE = "Goodbye!"
AFFIRMATION = "All right. Ask me whenever you have a question."
HOW_TO_ASK = (
    "Ask me a question about the articles in your own words, and I'll quote the sentences that answer it, each with its"
    " source. For example: Who wrote the report?"
)
IDENTITY = "I'm a bot that answers with what the articles say, word for word."
WHOLE_QUESTION = (
    "I need a few more words to search for. Put your whole question into one message, for example: When was the report"
    " written?"
)
EMPTY_QUESTION = "I found no words to search for. Ask a question, for example: Who wrote the report?"
PERHAPS = "Perhaps:"  # above an answer that may be wrong
ABSTENTION = "The articles do not answer this."
NEAREST = "These articles come closest:"
NOTHING_NEAR = "No article comes close. Try other words."
NO_ARTICLES = "There are no articles yet."
FORGOTTEN = "All right. Your next question stands alone."
NO_MORE = "There is nothing more to show."

TELEGRAM_HELP = (
    "Send me a question, and I'll quote the sentences that answer it, each with its source."
    " “Perhaps:” means that they may not be the answer."
    " In a group, use /ask, mention me, or reply to one of my messages."
)
START_MORE = "Send /articles to see what I can answer from, and /help to read more."
START_EXAMPLE = "Touch the button to try an example."
GROUP_HELP = "In a group, ask me with /ask and your question, mention me, or reply to one of my messages."
IN_PRIVATE = "Send me this in a private chat."
COMMANDS = {
    "ask": "answer a question from the articles",
    "new": "forget my last question",
    "watch": "be told when an answer changes",
    "watching": "list what you wait for",
    "articles": "list the articles",
    "privacy": "see what I keep of you",
    "help": "show what I can do",
}  # as the menu of commands describes them
NOT_ALLOWED = "This bot only answers people on its list. To be added, send its admin your ID: {chat}."
TOO_MANY = (
    "You asked more than {questions} in a minute. Please wait {seconds}; I won't answer anything you send before then."
)
ASK_USAGE = "Put your question after the command, for example: /ask Who wrote the report?"
UNKNOWN_COMMAND = "I don't know this command. Send /help for a list."
ONLY_TEXT = "I can only read text. Please type your question."
FAILED = "Something went wrong, and your question was not answered. Please ask it again in a moment."
PRESS_FAILED = "Something went wrong. Please try again in a moment."
TOO_FAST = "You are faster than I can answer. I left out what came last; please try again in a minute."
FIRST_LOAD = (
    "I am reading the articles for the first time, which can take a while. I will answer as soon as I have read them."
)
ARTICLES_AWAY = "I cannot reach the articles just now. Your message is kept, and I will answer it as soon as I can reach them again."
TOO_SLOW = "This question takes too long to answer. Make it shorter, or leave out operators."
SETS_NOT_ASKED = "This chat is bound to sets of articles that I no longer ask. An admin can choose others with /sets."
NOT_YOUR_BUTTON = "This button is not for you."
BUTTON_TOO_OLD = "This has already been answered or has expired. Nothing was changed."
PREVIOUS, NEXT = "◀", "▶"

ARTICLES = Forms("{number} article", "{number} articles")
QUESTIONS = Forms("{number} question", "{number} questions")
DAYS = Forms("{number} day", "{number} days")
SECONDS = Forms("{number} second", "{number} seconds")
LIST_WITH, LIST_PAGE = " with “{word}”", " · page {number} of {of}"  # after the number of articles
NO_ARTICLE_LIKE = "No article has “{word}” in its title or ID."

# Words of a question, and of what was read.
QUOTED = "“{text}”"
AND = "{first} and {last}"
READ_PAIR, READ_AS = "“{typed}” as “{read}”", "Read {words}."
CARRIED, WITHOUT = "About: {words}", "Without: {words}"
ALSO_IN = "also in: {titles}"

# Buttons under an answer, what they show, and what they say.
MORE, IN_CONTEXT, WHY, COPY, BACK = "More", "In context", "Why", "Copy", "◀ Back"
HELPFUL, NOT_HELPFUL = "👍", "👎"
LESS_LIKELY = "These sentences fit less well:"
NO_CONTEXT = "This version of the article is no longer kept, so I can't show what is around the sentence."
VOTED_HELPFUL = "Thank you. I noted that this answer was helpful."
VOTED_NOT_HELPFUL = "Thank you. I noted that this answer was not helpful."
WHAT_WAS_WRONG = "Thank you. What was wrong with it?"
NOT_THE_ANSWER, OUT_OF_DATE = "Not the answer", "Out of date"
WRONG_SOURCE, OTHER_REASON = "Wrong source", "Something else"
REASON_NOTED = "Thank you. I noted it."
PRIVACY_KEPT = (
    "I keep your questions, my answers and your votes for {days}, under a code in place of your name and ID. Those who run"
    " me can read the questions, but not whose they are. If you wait for an answer, I keep the ID of your chat until you"
    " end that."
)
PRIVACY_NOT_KEPT = (
    "I keep your last question for an hour, to understand what you ask next, and nothing else. If you wait for an answer,"
    " I keep the ID of your chat until you end that."
)
PRIVACY_RIGHTS = "/mydata sends you all that I keep of you; /forgetme deletes it."
PRIVACY_ROLE = "An admin gave you rights here, so I keep your ID. /forgetme deletes it, and with it these rights."
REALLY_FORGET = "This deletes your questions, my answers, your votes and what you wait for. It cannot be undone."
FORGET_ALL = "Delete everything"
ALL_FORGOTTEN = "Deleted. I keep nothing of you any more."
TELL_EDITORS = "Tell the editors"
EDITORS_TOLD = "I noted it. I will write to you once the articles answer this."
WATCHED = "I will write to you when the answer to “{question}” changes. /watching lists what you wait for."
WATCH_USAGE = "Ask a question first, then send /watch: I will write to you when its answer changes."
WATCHES_TOO_MANY = "You wait for the answers to very many questions already. End some of them with /watching."
WATCHES_NONE = "You do not wait for any answer. Ask a question, then send /watch."
WATCHES_LIST = "I will write to you when the answer to one of these questions changes. Press a number to end that."
WATCH_ENDED = "I will no longer write to you about this."
NOW_ANSWERED = "You asked “{question}”. The articles answer this now:"
ANSWER_CHANGED = "The answer to “{question}” has changed. It was:"
ANSWER_NOW, NO_ANSWER_NOW = "Now it is:", "The articles no longer answer it."
ANSWER_FORGOTTEN = "This answer is too old, and I no longer have it. Please ask again."
ARTICLE_CHANGED = "The quoted article has changed since this answer was given. Please ask again."
ARTICLE_REMOVED = "The quoted article is no longer among those that I ask here. Please ask again."

# Above the quotations that are offered while somebody types a question in another chat, and below an answer there.
INLINE_HINT = "Type a question to see quotations"
INLINE_NOT_ALLOWED = "This bot only answers people on its list"
INLINE_TOO_SLOW = "This question takes too long to answer"
INLINE_AWAY = "The articles cannot be reached just now"
INLINE_SETS_NOT_ASKED = "Your sets of articles are no longer asked"
INLINE_TOO_MANY = "Too many questions: please wait a minute"
MORE_IN_PRIVATE = "More in private"

# Why an answer was chosen: which words of the question were found where.
WHY_NOTHING = "The sentence shares no word with your question, but its meaning is close."
WHY_FORM = "“{word}” is there as “{found}”."
WHY_ALIKE = "“{word}” was not found, but “{found}”, which is spelt like it."
WHY_PLACES = {
    "sentence": "Words of your question in the sentence: {words}.",
    "section": "In the headings above it: {words}.",
    "title": "In the title of the article: {words}.",
    "previous": "In the sentence before: {words}.",
    "next": "In the sentence after: {words}.",
    "paragraph": "Elsewhere in the paragraph: {words}.",
    "article": "Elsewhere in the article: {words}.",
}
WHY_UNKNOWN = "In no article: {words}."
WHY_CERTAINTY = "It answers your question with a probability of about {percent} %."

# Where in its article a sentence stands.
AT_BEGINNING = "at the beginning"
NEAR_BEGINNING = "near the beginning"
IN_MIDDLE = "in the middle"
NEAR_END = "near the end"
AT_END = "at the end"
_NEAR = 0.3  # of the article

_REPLIES = {
    Intent.FOLLOW_UP: WHOLE_QUESTION, Intent.GREETING: GREETING, Intent.THANKS: THANKS, Intent.GOODBYE: GOODBYE,
    Intent.AFFIRMATION: AFFIRMATION, Intent.HELP: HOW_TO_ASK, Intent.IDENTITY: IDENTITY, Intent.EMPTY: EMPTY_QUESTION,
    Intent.MORE: NO_MORE,
}  # fmt: skip


def reply_without_articles(answer: Answer) -> str | None:
    """Return the reply to whatever is not looked up, such as a greeting, to be translated; None for a question."""
    return _REPLIES.get(answer.intent)


def quoted(words: Iterable[str], texts: Texts) -> Own:
    """Return words in quotation marks: “one”, “two”."""
    return texts.listed(texts(QUOTED, text=word) for word in words)


def whereabouts(hit: Hit) -> str:
    """Return in words, to be translated, where in its article a hit stands; empty in an article of a single sentence."""
    if hit.of <= 1:
        return ""
    if hit.position in {1, hit.of}:
        return AT_BEGINNING if hit.position == 1 else AT_END
    share = (hit.position - 0.5) / hit.of
    return NEAR_BEGINNING if share < _NEAR else NEAR_END if share > 1 - _NEAR else IN_MIDDLE


def title(hit: Hit) -> str:
    """Return the title of a hit's article; if it has none, its author or the channel, else its id."""
    return hit.title or hit.author or hit.article


def section(hit: Hit) -> str:
    """Return the headings above a hit: `Installation > Proxies`; empty if there are none."""
    return " > ".join(hit.section)


def article_name(article: StoredArticle) -> str:
    """Return the title of an article, or its id if it has none."""
    return article.title or article.id


def source(hit: Hit) -> str:
    """Return the URL of a hit's article, or its id if it has none."""
    return hit.url or hit.article


def also_in(snippet: Snippet, texts: Texts = ENGLISH) -> str:
    """Name the other articles with the same sentence; those with the same title as another by their source too."""
    cited = snippet.hit
    others = {twin.article: twin for twin in snippet.twins if twin.article != cited.article}.values()
    hits = [cited, *others]
    sources = [source(one) for one in hits]  # the chapters of a book share its URL
    places = [place if sources.count(place) == 1 else one.article for place, one in zip(sources, hits, strict=True)]
    named = distinct([title(one) for one in hits], places)[1:]
    return texts(ALSO_IN, titles=texts.joined("; ", named)) if others else ""


def read_as(corrections: Iterable[Correction], texts: Texts = ENGLISH) -> Own:
    """Return which words of a question were read as other words; empty if none were."""
    words = [texts(READ_PAIR, typed=one.typed, read=one.read_as) for one in corrections]
    return texts(READ_AS, words=texts.listed(words)) if words else Own()


def carried(words: Sequence[str], texts: Texts = ENGLISH) -> Own:
    """Return which words of the question before a question was read with; empty if there are none."""
    return texts(CARRIED, words=texts.listed(words)) if words else Own()


def not_allowed(chat: int, texts: Texts = ENGLISH) -> Own:
    """Return the reply to somebody who may not ask; `chat` is the id that an admin would allow."""
    return texts(NOT_ALLOWED, chat=str(chat))


def too_many_questions(per_minute: int, seconds: int, texts: Texts = ENGLISH) -> Own:
    """Return a request to wait before asking more."""
    return texts(TOO_MANY, questions=texts.count(per_minute, QUESTIONS), seconds=texts.count(seconds, SECONDS))
