"""Data flows one way: who may import whom, and what code may not name."""

import ast
import re
import subprocess
import sys

import pytest

LAYERS = [
    {"errors"},
    {"files", "persons", "progress"},
    {"caches"},
    {"disclosure"},
    {"consent", "safekeeping"},
    {"framework", "frameworks"},
    {"corpus"},
    {"codings", "segments", "sheets"},
    {"contests", "deidentify", "readers", "exchange"},
    {"agreement"},
    {"classifier"},
    {"drift"},
    {"roles"},
    {"figures"},
    {"report"},
    {"usertables", "predictions", "worksheet"},
    {"scale"},
    {"study"},
    {"withdrawal", "packing"},
    {"cli"},
]
"""Lowest first; a module imports from its own layer or from one before it."""

FORBIDDEN = {
    "drift": {"classifier", "agreement"},
    "roles": {"classifier"},
    "figures": {"agreement", "classifier", "drift", "roles"},
    "report": {"agreement", "classifier", "drift", "roles"},
}
"""Finer rules: drift takes tables from anybody; figures and reports draw what they are handed."""

ARRAY_CORES = ["agreement/coefficients.py", "agreement/intervals.py", "drift/rectified.py"]
HEAVY = {"numpy", "pandas", "scipy", "sklearn", "matplotlib", "nbformat", "nbconvert", "pandera", "pydantic"}


@pytest.fixture(scope="module")
def package(request):
    return request.config.rootpath / "peercompare"


def modules(package):
    return sorted(package.rglob("*.py"))


def unit_of(path, package):
    return path.relative_to(package).parts[0].removesuffix(".py")


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            if node.module == "peercompare":
                yield from (f"peercompare.{alias.name}" for alias in node.names)


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def test_every_module_has_its_place_in_the_layers(package):
    known = set().union(*LAYERS) | {"__init__", "__main__"}
    assert {unit_of(p, package) for p in modules(package)} <= known


def test_imports_point_downward_only(package):
    rank = {unit: number for number, layer in enumerate(LAYERS) for unit in layer}
    wrong = []
    for path in modules(package):
        unit = unit_of(path, package)
        if unit not in rank:
            continue
        for name in imported(parsed(path)):
            parts = name.split(".")
            if parts[0] == "peercompare" and len(parts) > 1 and parts[1] in rank:
                target = parts[1]
                if rank[target] > rank[unit] or target in FORBIDDEN.get(unit, ()):
                    wrong.append(f"{path.relative_to(package)} imports {name}")
    assert not wrong


@pytest.mark.parametrize("name", ARRAY_CORES)
def test_array_cores_need_numpy_and_scipy_alone(package, name):
    roots = {n.split(".")[0] for n in imported(parsed(package / name))}
    standard = set(sys.stdlib_module_names)
    assert roots - standard <= {"numpy", "scipy", "peercompare"}


def literals(tree):
    """Yield the string literals of a module that are not docstrings."""
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstrings.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def test_code_names_no_dimension_code_or_marker_of_the_framework(package, deegan):
    dimensions, codes = set(deegan.dimension_ids), set(deegan.code_ids)
    markers = {marker.id for marker in deegan.markers}
    role_types = {role_type.id for role_type in deegan.role_types}
    wrong = []
    for path in modules(package):
        for node in literals(parsed(path)):
            words = set(re.findall(r"[a-z_]+/[a-z_]+", node.value))
            if node.value in dimensions | markers | role_types or words & codes:
                wrong.append(f"{path.relative_to(package)}:{node.lineno} {node.value!r}")
    assert not wrong


def test_command_line_help_loads_no_heavy_library():
    code = (
        "import sys, contextlib, io\n"
        "from peercompare.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main(['--help'])\n"
        f"print(sorted(set({sorted(HEAVY)!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
