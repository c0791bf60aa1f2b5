"""The ways that docstrings describe, file by file, exist, and imports lead along those of `retrieval`."""

import ast
import re
from pathlib import Path

import pytest
from conftest import ROOT


def ways(package):
    """Return the paths that each paragraph of a package's docstring names, in order."""
    docstring = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8")))
    paragraphs = (re.findall(r"[\w/]+\.py\b", paragraph) for paragraph in docstring.split("\n\n"))
    return [[Path(package, path) for path in paths] for paths in paragraphs if paths]


def imported(path):
    """Return the files that a file imports, or names in a string to import later."""
    nodes = list(ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    strings = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    modules = {node.module.replace(".", "/") for node in imports}
    modules |= {f"{node.module.replace('.', '/')}/{alias.name}" for node in imports for alias in node.names}
    modules |= {f"{path.parent}/{string}" for string in strings if string.isidentifier()}
    return {Path(f"{module}{ending}") for module in modules for ending in (".py", "/__init__.py")}


@pytest.mark.parametrize("package", ["retrieval", "bot/telegram"])
def test_every_file_that_a_docstring_names_exists(package):
    assert [path for way in ways(package) for path in way if not (ROOT / path).is_file()] == []


def test_retrieval_describes_the_way_of_a_file_and_of_a_question_as_the_imports_go():
    file, question = ways("retrieval")
    for way in (file, question):
        reached = imported(way[0])
        for path in way[1:]:
            assert path in reached, f"no file before it imports {path}"
            reached |= imported(path)
