"""Refuse XML that declares entities: nested in each other, a few expand without end, and articles need none."""

from xml.parsers import expat

from retrieval.errors import UnreadableSource


def refuse_entities(data: bytes) -> None:
    """Raise UnreadableSource if an XML file declares entities, which it can only do before its first element.

    XML that is malformed up to there passes; its reader says what is wrong with it.
    """
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = _stop
    try:
        parser.Parse(data, True)
    except (_RootReached, expat.ExpatError, LookupError, ValueError):  # the last two: an unknown encoding
        return


class _RootReached(Exception):
    """Nothing after this declares entities."""


def _refuse(*_declaration: object) -> None:
    raise UnreadableSource("It declares its own XML entities (<!ENTITY ...>). Save it without them.")


def _stop(*_element: object) -> None:
    raise _RootReached
