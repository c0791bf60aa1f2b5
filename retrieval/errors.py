"""All errors that retrieval raises on purpose.

    RetrievalError
    ├── SourceError           a path or URL cannot be read as articles
    │   ├── SourceNotFound        nothing is there
    │   ├── UnreadableSource      empty, binary, too large, too slow, or in an unknown encoding
    │   └── ForbiddenAddress      inside a private network, or written to hide where it leads
    ├── ArticleError          one article cannot be accepted: no id, no text, an id used twice
    ├── StoreError            the SQLite store cannot be used
    │   ├── StoreBusy             another load is running
    │   ├── StoreTooNew           a later version of citebot wrote it
    │   ├── EngineAway            the engine that holds the articles does not answer, or refuses
    │   └── GenerationGone        this generation cannot be restored
    ├── QuestionTooSlow       a question takes longer than it may
    ├── SetsNotAsked          none of the sets that are to be asked may be
    ├── QuestionFileError     a file of questions is malformed
    └── TooFewQuestions       too few questions to learn from

Each message names the offending id, path or URL and says what to do. "Nothing found" is never an error.
"""


class RetrievalError(Exception):
    """Base of all errors below. Its message can be shown to people as it is."""


class SourceError(RetrievalError):
    """A path or URL cannot be read as articles."""


class SourceNotFound(SourceError):
    """There is nothing at the path or URL."""


class UnreadableSource(SourceError):
    """The source is empty, binary, too large, too slow, or in an unknown encoding."""


class ForbiddenAddress(SourceError):
    """The URL leads into a private network, or is written to hide where it leads."""


class ArticleError(RetrievalError):
    """One article cannot be accepted; the others of its source can."""


class StoreError(RetrievalError):
    """The SQLite store cannot be used."""


class StoreBusy(StoreError):
    """Another load of the same store is running."""


class StoreTooNew(StoreError):
    """A later version of citebot wrote the store."""


class EngineAway(StoreError):
    """The engine that holds the articles does not answer, or refuses; nothing is known of what they say."""


class GenerationGone(StoreError):
    """A generation cannot be restored: it never existed, is the current one, or is no longer kept."""


class SetsNotAsked(RetrievalError):
    """None of some sets of articles is among those that may be asked."""


class QuestionTooSlow(RetrievalError):
    """A question takes longer than it may; others can be asked."""


class QuestionFileError(RetrievalError):
    """A file of questions is malformed."""


class TooFewQuestions(RetrievalError):
    """There are too few questions to learn from."""
