"""Every error that retrieval raises on purpose.

    RetrievalError
    ├── SourceError        a path or URL cannot be read as articles
    │   ├── SourceMissing      it is not there
    │   ├── UnreadableSource   it is there, but empty, binary, too large, too slow or in no known encoding
    │   └── ForbiddenAddress   it may not be asked: inside a network, or spelled to hide where it leads
    ├── ArticleError       one article cannot be accepted (no id, no text, an id used twice)
    ├── StoreError         the SQLite store cannot be used
    │   ├── StoreBusy          another load is under way
    │   ├── StoreTooNew        a later version of citebot wrote it
    │   └── GenerationGone     a generation cannot be gone back to
    ├── QuestionFileError  a file of questions is not in the documented form
    └── TooFewQuestions    there are too few questions to learn from

Each message names the offending id, path or URL and says what to do. "Nothing found" is never an error.
"""


class RetrievalError(Exception):
    """Base of all errors below; its text is fit to be shown to a person."""


class SourceError(RetrievalError):
    """A path or URL cannot be read as articles."""


class SourceNotFound(SourceError):
    """There is nothing at the path or URL."""


class UnreadableSource(SourceError):
    """The source is empty, binary, too large, too slow or in no known encoding."""


class ForbiddenAddress(SourceError):
    """The URL may not be asked: it leads into a network that is not public, or is spelled to hide where it leads."""


class ArticleError(RetrievalError):
    """One article cannot be accepted; the others of its source can."""


class StoreError(RetrievalError):
    """The SQLite store cannot be used."""


class StoreBusy(StoreError):
    """Another load is under way on the same store."""


class StoreTooNew(StoreError):
    """The store was written by a later version of citebot."""


class GenerationGone(StoreError):
    """A generation cannot be gone back to: it never was, is the current one, or is no longer kept."""


class QuestionFileError(RetrievalError):
    """A file of questions is not in the documented form."""


class TooFewQuestions(RetrievalError):
    """There are too few questions to learn from."""
