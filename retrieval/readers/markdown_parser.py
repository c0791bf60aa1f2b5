"""The Markdown parser, with the syntax of the sites and note-taking programs that articles come from."""

from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from retrieval.readers.markdown_block_rules import add_block_rules
from retrieval.readers.markdown_inline_rules import add_inline_rules

DEEPEST = 60  # blocks in blocks, such as lists and their items; brackets in brackets take that many times as long


class _Parser(MarkdownIt):
    """A parser that takes addresses as they are written, since nobody follows them."""

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002 - the method's name
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - as above
        return url


@cache
def markdown_parser(*, mdx: bool) -> MarkdownIt:
    """Return the parser of Markdown, or of MDX, in which nothing is code for being indented.

    Its `env` must have the `HiddenTags` of the text as "tags".
    """
    md = _Parser("commonmark", {"maxNesting": DEEPEST, "strikethrough_single_tilde": True})
    md.enable(["table", "strikethrough"])
    md.use(deflist_plugin).use(footnote_plugin, move_to_end=False)
    add_block_rules(md, mdx=mdx)
    add_inline_rules(md)
    return md.disable("code") if mdx else md
