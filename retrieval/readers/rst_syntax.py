"""Directives and roles of reStructuredText that docutils does not know, most of them Sphinx's.

docutils reports an unknown directive as an error and leaves its content out; here the content is read. Nothing here
reads another file or runs anything.
"""

import re
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive, directives, roles
from docutils.statemachine import StringList

# ruff: noqa: SIM905 - lists of words are read more easily
UNREAD = frozenset(
    "toctree index currentmodule module py:module py:currentmodule highlight default-domain graphviz digraph graph plot"
    " mermaid uml inheritance-diagram tabularcolumns literalinclude sectionauthor codeauthor meta youtube vimeo program"
    " click click:run argparse bibliography testsetup testcleanup post author date tags category slug update contributors".split()
)
CODE = frozenset(
    "code code-block sourcecode testcode testoutput ipython prompt doctest productionlist terminal click:example".split()
)
TITLED = frozenset("tab tab-item dropdown card grid-item-card details collapse group-tab code-tab faq".split())
VERSIONS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "versionremoved": "Removed in version",
}
OBJECTS = frozenset(
    "function method class attribute data exception decorator property option envvar confval describe object macro type"
    " setting staticmethod classmethod cmdoption".split()
)
CODE_ROLES = frozenset(
    "class func meth mod attr obj data const exc file samp command program option envvar kbd setting type property any"
    " method function module code dtag".split()
)
TITLE_AND_TARGET = re.compile(r"(.+?)\s*<[^<>]*>", re.DOTALL)
FIRST_LINE = re.compile(r"\.\.\s[^\n]*?::[ ]*([^\n]*)")


def add_unknown_syntax() -> None:
    """Have docutils ask here for what it does not know; it has no other place for that. For this process only."""
    if directives.directive is not _directive:
        directives.directive, roles.role = _directive, _role


_known_directive, _known_role = directives.directive, roles.role


def _directive(name: str, *known: Any) -> tuple[Any, list[nodes.Node]]:  # noqa: ANN401 - docutils' own
    found, _ = _known_directive(name, *known)
    if not found or name.lower() in CODE:
        return UnknownDirective, []
    if not isinstance(found.option_spec, _AnyOption):  # an option that only Sphinx knows loses no content
        found.option_spec = _AnyOption(found.option_spec or {})
    return found, []


def _role(name: str, *known: Any) -> tuple[Any, list[nodes.Node]]:  # noqa: ANN401 - as above
    found, _ = _known_role(name, *known)
    return found or _unknown_role, []


class _AnyOption(dict[str, Any]):
    """Options of any name, each taken as it is."""

    def __bool__(self) -> bool:
        return True

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - what docutils calls with the text of an option
        return str


class UnknownDirective(Directive):  # type: ignore[misc] # docutils publishes no types
    """A directive that docutils does not know."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = _AnyOption()

    def run(self) -> list[nodes.Node]:
        """Return what a reader sees of it."""
        name = self.name.lower()
        title, content = self._title_and_content()
        if name in UNREAD or name.startswith("auto"):
            return []
        if name in CODE:
            code = "\n".join(self.content)
            return [nodes.literal_block(code, code)]
        if ":" in name or name in OBJECTS:
            return [self._definition(title, content)]
        shown = nodes.container()
        if name in VERSIONS:
            version, _, said = title.partition(" ")
            following = [said, *content] if said else content
            content = [f"{VERSIONS[name]} {version}{':' if following else '.'}", *following]
        elif name in TITLED and title:
            shown += nodes.title(title, "", *self.state.inline_text(title, self.lineno)[0])
        return [self._parsed(content, shown)]

    def _title_and_content(self) -> tuple[str, list[str]]:
        """Return the line of the directive and the lines below: docutils takes their first paragraph for an argument."""
        lines = self.arguments[0].split("\n") if self.arguments else []
        first = FIRST_LINE.match(self.block_text)
        title = lines.pop(0) if lines and first and first[1].strip() else ""
        return title, [*lines, "", *self.content] if lines else list(self.content)

    def _definition(self, signature: str, content: list[str]) -> nodes.Node:
        """Return what is said of a function, class or option."""
        term = nodes.term("", "", nodes.literal(signature, signature))
        said = self._parsed(content, nodes.definition())
        return nodes.definition_list("", nodes.definition_list_item("", term, said))

    def _parsed(self, content: list[str], node: nodes.Element) -> nodes.Element:
        self.state.nested_parse(StringList(content, source=""), self.content_offset, node)
        return node


def _unknown_role(name: str, rawtext: str, text: str, *_: Any, **__: Any) -> tuple[list[nodes.Node], list[nodes.Node]]:  # noqa: ANN401
    """Return the text of a role: `` :ref:`text <target>` ``, `` :class:`~package.Name` ``."""
    titled = TITLE_AND_TARGET.fullmatch(text)
    shown = titled[1] if titled else text.rpartition(".")[2] if text.startswith("~") else text.lstrip("!")
    kind = nodes.literal if name.rpartition(":")[2] in CODE_ROLES else nodes.inline
    return [kind(rawtext, shown)], []
