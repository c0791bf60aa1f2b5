"""The directives of MyST, between backticks or colons: which hold Markdown, which code, and which nothing to read."""

import re

_CODE = "code|code-block|code-cell|sourcecode"
_UNSEEN = (  # what a site's generator needs to know, or puts there itself
    r"toctree|contents|tableofcontents|(?:py:)?(?:current)?module|auto\w+|literalinclude|include|index|highlight|image"
)
DIRECTIVE = re.compile(  # with Markdown in it
    r"\{(admonition|attention|caution|danger|dropdown|error|hint|important|note|seealso|tip|warning|versionadded"
    r"|versionchanged|deprecated|margin|sidebar|topic|card|tab-item|tab-set|grid|grid-item-card)\}[ ]*(.*)"
)
CODE_DIRECTIVE = re.compile(rf"\{{(?:{_CODE})\}}.*")
RST_DIRECTIVE = "{eval-rst}"
UNSEEN_DIRECTIVE = re.compile(rf"\{{(?:{_UNSEEN})\}}.*")
WITHOUT_MARKDOWN = re.compile(rf"(:{{3,}})[ ]*(\{{(?:eval-rst|{_CODE}|{_UNSEEN})\}}.*)")  # between colons
OPTION = re.compile(r":[\w-]+:(?:\s.*)?")
OPTIONS = re.compile(r"(?::[\w-]+:.*\n)+|---\n(?:.*\n)*?---\n")
