"""Every public name says what it is: numpydoc, checked by its own validator."""

import importlib
import inspect
import pkgutil

import pytest
from numpydoc.validate import validate

import peercompare

CODES = {
    "GL08",  # no docstring at all
    "SS01",  # no summary
    "SS03",  # a summary without its full stop
    "PR01",  # parameters that are not described
    "PR02",  # parameters that are described and are not there
    "PR10",  # a colon without a space before it
    "RT03",  # a return value that is not described
}
"""What every public docstring must have; numpydoc's other codes are matters of taste."""

PACKAGES = [
    "consent",
    "framework",
    "corpus",
    "deidentify",
    "agreement",
    "classifier",
    "drift",
    "roles",
    "figures",
    "report",
    "study",
    "readers",
]


def public_names():
    modules = ["segments", "codings", "sheets", "files", "usertables", "predictions", *PACKAGES]
    for module in modules:
        found = importlib.import_module(f"peercompare.{module}")
        names = getattr(found, "__all__", None) or [
            name for name, value in vars(found).items() if getattr(value, "__module__", "") == found.__name__
        ]
        for name in names:
            value = getattr(found, name)
            if (inspect.isfunction(value) or inspect.isclass(value)) and not name.startswith("_"):
                yield f"{value.__module__}.{value.__name__}"


@pytest.mark.parametrize("name", sorted(set(public_names())))
def test_public_names_are_documented(name):
    found = validate(name)
    # A one-line docstring of a name without parameters is enough where the line says it all.
    faults = [text for code, text in found["errors"] if code in CODES]
    assert not faults


def test_every_module_opens_with_what_it_is_for():
    for module in pkgutil.walk_packages(peercompare.__path__, "peercompare."):
        if module.name.endswith("__main__"):
            continue
        assert importlib.import_module(module.name).__doc__, module.name
