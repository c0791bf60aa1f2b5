"""The bytes of an XML file go in; nothing comes out, or UnreadableSource when it declares entities of its own.

An entity stands for other text, and entities made of entities for text without end; articles need none of them.
"""

from xml.parsers import expat

from retrieval.errors import UnreadableSource


def refuse_entities(data: bytes) -> None:
    """Look through what stands before the first element, the only place for such a declaration.

    XML that is not well-formed there passes: its reader says what is wrong with it. Raises UnreadableSource.
    """
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = _stop
    try:
        parser.Parse(data, True)
    except (_RootReached, expat.ExpatError, LookupError, ValueError):  # the last two: an encoding it does not know
        return


class _RootReached(Exception):
    """Whatever follows declares nothing."""


def _refuse(*_declaration: object) -> None:
    raise UnreadableSource("It declares XML entities of its own (<!ENTITY ...>): save it without them.")


def _stop(*_element: object) -> None:
    raise _RootReached
