"""Every package is pinned with its hashes, under a licence that is allowed, and listed in `.github/DEPENDENCIES.md`.

After a change to the pins, `python tests/test_dependencies.py --update` writes the list anew. It asks the packages that
are installed in the version that is pinned, and keeps the lines of the others.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LIST = ROOT / ".github" / "DEPENDENCIES.md"
FILES = {
    "constraints.txt": "citebot",
    "milvus.txt": "articles in a Milvus",
    "build.txt": "building its wheel",
    "dev.txt": "the tests and the checks",
    "benchmarks.txt": "tests/benchmarks",
}  # what each file of pins is for
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?P<rest>[^\\\n]*(?:\\\n[^\\\n]*)*)", re.MULTILINE)
HASHES = re.compile(r"( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")

ALLOWED = {
    "0BSD", "3-Clause BSD License", "Apache License, Version 2.0", "Apache Software License", "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "LGPL-3.0-only", "MIT", "MIT License", "MIT-CMU",
    "Mozilla Public License 2.0 (MPL 2.0)", "MPL-1.1", "MPL-2.0", "PSF-2.0", "Public Domain",
    "Python Software Foundation License", "Zlib",
}  # fmt: skip
NAMED = {
    "docutils": "Public Domain, BSD-2-Clause (the GPL is for an Emacs mode, which its wheel does not contain)",
    "orjson": "MPL-2.0, and Apache-2.0 or MIT",
    "pypdfium2": "BSD-3-Clause, Apache-2.0 (its PDFium holds libraries under permissive licences too)",
}  # what a package says of itself is wrong, or more than a name

INTRODUCTION = """# Dependencies

Each package that citebot, its tests and its benchmarks install, with the licence that it states. Versions and hashes are in
`.ci/*.txt`. The wheels of numpy, scipy, scikit-learn and faiss-cpu also carry GCC's runtime libraries (libgfortran, libgomp),
whose GPL has an exception for this use. Written by `python tests/test_dependencies.py --update`; a test compares the licences
with those allowed.

| package | licence | for |
|---|---|---|
"""


def pins(file):
    """The names and versions that a file pins; a version for each of its platforms."""
    return [(pin["name"], pin["version"]) for pin in PIN.finditer((ROOT / ".ci" / file).read_text())]


def stated(name, version):
    """The licence that a package states: an SPDX expression, or names; "" unless this version is installed."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return ""
    if about["Version"] != version:
        return ""
    if name in NAMED:
        return NAMED[name]
    names = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier", []) if line.startswith("License :: ")]
    return about.get("License-Expression") or " AND ".join(sorted(names)) or about.get("License") or "unknown"


def is_allowed(licence):
    """Whether all parts of a licence are allowed, or those of one alternative."""
    return any(all(part in ALLOWED for part in choice.split(" AND ")) for choice in licence.split(" OR "))


def listed():
    """The licence that the list gives for each package."""
    rows = re.findall(r"^\| (\S+) \| (.+) \| .+ \|$", LIST.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows[1:])


def written():
    known = listed() if LIST.exists() else {}
    rows = [
        f"| {name} | {stated(name, version) or known.get(name, 'unknown')} | {purpose} |"
        for file, purpose in FILES.items()
        for name, version in dict(pins(file)).items()
    ]
    return INTRODUCTION + "\n".join(rows) + "\n"


@pytest.mark.parametrize("file", FILES)
def test_each_package_is_pinned_with_hashes_and_without_addresses(file):
    text = (ROOT / ".ci" / file).read_text()
    others = PIN.sub(lambda pin: "" if HASHES.fullmatch(pin["rest"]) else pin[0], text)
    rest = re.sub(r"^(#|-r ).*\n", "", others, flags=re.MULTILINE)
    assert not rest.strip()
    assert "//" not in text


def test_the_pins_are_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = {"hatchling", *project["dependencies"], *(package for extra in extras.values() for package in extra)}
    names = [name for file in FILES for name in dict(pins(file))]
    assert len(names) == len(set(names))
    versions = [pin for file in FILES for pin in pins(file)]
    for requirement in map(Requirement, asked):
        if requirement.name == project["name"]:
            continue  # one extra in another
        found = [version for name, version in versions if name == canonicalize_name(requirement.name)]
        assert found, requirement
        assert all(requirement.specifier.contains(version) for version in found), requirement


def test_each_licence_is_allowed():
    for name, licence in listed().items():
        assert is_allowed(licence) or name in NAMED, f"{name}: {licence}"
    assert not is_allowed("AGPL-3.0-only")
    assert not is_allowed("MIT AND GPL-2.0-only")
    assert is_allowed("GPL-2.0-only OR MPL-1.1")


def test_the_list_is_what_the_installed_packages_state():
    assert LIST.read_text(encoding="utf-8") == written(), "python tests/test_dependencies.py --update"
    assert len([name for name, version in pins("constraints.txt") if stated(name, version)]) > 50  # these were compared


if __name__ == "__main__" and "--update" in sys.argv:
    LIST.write_text(written(), encoding="utf-8")
