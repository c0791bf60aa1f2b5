"""The public names of the library: sorted, whole, and there."""

from types import ModuleType

import retrieval
from retrieval import errors


def test_the_public_names_are_sorted_and_whole():
    by_kind = sorted(retrieval.__all__, key=lambda name: (not name.isupper(), name.islower(), name))
    assert retrieval.__all__ == by_kind  # constants, classes, functions
    public = {
        name
        for name, value in vars(retrieval).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert public - {"TYPE_CHECKING", "import_module"} | retrieval._LAZY.keys() == set(retrieval.__all__)


def test_every_error_is_public():
    assert {name for name, value in vars(errors).items() if isinstance(value, type)} <= set(retrieval.__all__)


def test_every_public_name_can_be_imported():
    for name in retrieval.__all__:
        assert getattr(retrieval, name) is not None
