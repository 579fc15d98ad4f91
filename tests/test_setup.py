"""What a fresh machine needs is named once, the same everywhere, and locked without naming any host."""

import ast
import re
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONDA_NAMES = {"matplotlib-base": "matplotlib"}
"""Where conda-forge calls a package otherwise than PyPI does."""

IMPORT_NAMES = {
    "bs4": "beautifulsoup4",
    "cassis": "dkpro-cassis",
    "docx": "python-docx",
    "sklearn": "scikit-learn",
    "webvtt": "webvtt-py",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
    "jupyter_client": "jupyter-client",
}
"""Where a module is imported under another name than its package has."""

LOCKS = ["requirements.lock", "requirements-test.lock"]


@pytest.fixture(scope="module")
def root(request):
    return request.config.rootpath


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def as_ranges(lines):
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(CONDA_NAMES.get(r.name, r.name)): str(r.specifier) for r in found}


def locked(root, name):
    text = (root / name).read_text(encoding="utf-8")
    return {canonicalize_name(m) for m in re.findall(r"^([A-Za-z0-9._-]+)==", text, flags=re.MULTILINE)}


@pytest.mark.parametrize(
    "name",
    [
        *LOCKS,
        "requirements-browser-test.txt",
        "tests/browser/package.json",
        "tests/browser/package-lock.json",
    ],
)
def test_lock_files_name_no_url(root, name):
    assert "://" not in (root / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("extra", ["embeddings", "scale"])
def test_what_tests_of_an_extra_need_is_pinned_beside_the_locks_and_names_no_url(root, project, extra):
    text = (root / f"requirements-{extra}-test.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in lines)
    pinned = {line.split("==")[0] for line in lines}
    assert set(as_ranges(project["optional-dependencies"][extra])) <= pinned
    assert not pinned & (locked(root, LOCKS[0]) | locked(root, LOCKS[1]))
    assert not {"torch", "dask"} & locked(root, LOCKS[0])


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(root, name):
    text = (root / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])


def test_environment_yml_and_pyproject_name_the_same_packages_and_ranges(root, project):
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    entries = [e for e in environment["dependencies"] if isinstance(e, str)]
    (by_pip,) = (e["pip"] for e in environment["dependencies"] if isinstance(e, dict))
    assert by_pip.count("-e .") == 1
    conda = as_ranges(e for e in [*entries, *by_pip] if e not in ("pip", "-e ."))
    assert conda.pop("python") == project["requires-python"]
    assert conda == as_ranges(project["dependencies"] + project["optional-dependencies"]["test"])


def test_every_direct_dependency_is_locked(root, project):
    assert set(as_ranges(project["dependencies"])) <= locked(root, "requirements.lock")
    assert set(as_ranges(project["optional-dependencies"]["test"])) <= locked(root, "requirements-test.lock")


def test_jupyterlab_stays_out_of_the_locks(root):
    assert not {"jupyterlab", "rfc3987-syntax"} & (locked(root, LOCKS[0]) | locked(root, LOCKS[1]))


def test_both_locks_agree_on_versions(root):
    def pins(name):
        return set(
            re.findall(
                r"^([A-Za-z0-9._-]+==\S+)", (root / name).read_text(encoding="utf-8"), flags=re.MULTILINE
            )
        )

    core, test = pins(LOCKS[0]), pins(LOCKS[1])
    names = {p.split("==")[0] for p in core & test} | {"setuptools"}
    assert {p.split("==")[0] for p in core} <= names


def imported_roots(folder):
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield node.module.split(".")[0]


def test_what_the_package_imports_is_a_direct_dependency(root, project):
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    declared = set(as_ranges([*project["dependencies"], *extras]))
    roots = set(imported_roots(root / "peercompare")) - set(sys.stdlib_module_names) - {"peercompare"}
    assert {canonicalize_name(IMPORT_NAMES.get(name, name)) for name in roots} <= declared
