"""The shipped notebooks: committed empty, readable by a student, and running from top to bottom."""

import ast
import re

import nbformat
import pytest

from peercompare.errors import ReportError
from peercompare.report import notebook_faults, page_faults, render_notebook, run_notebook
from peercompare.report.execute import assigned_names, inject_parameters

NAMES = (
    "01_the_framework",
    "02_corpora_and_consent",
    "03_agreement",
    "04_a_classifier",
    "05_drift",
    "06_roles_and_titles",
    "07_is_it_valid",
    "08_published_agreement",
    "09_your_own_study",
    "10_checking_intervals",
    "11_worksheet",
    "12_gallery",
)
FIGURES = {
    "02_corpora_and_consent": 1,
    "03_agreement": 2,
    "04_a_classifier": 8,
    "05_drift": 12,
    "06_roles_and_titles": 4,
    "07_is_it_valid": 3,
    "09_your_own_study": 1,
}
EVERY_FIGURE = "12_gallery"
"""Shows what the study drew, however many that is."""

WITH_A_CLASSIFIER = (
    "04_a_classifier",
    "05_drift",
    "06_roles_and_titles",
    "07_is_it_valid",
    "11_worksheet",
    "12_gallery",
)
"""They rest on the whole default study and compute on; `make test-slow` executes them."""
EXECUTED = [
    pytest.param(name, marks=pytest.mark.slow) if name in WITH_A_CLASSIFIER else name for name in NAMES
]

MOST_CODE_CELLS = 20
LONGEST_FUNCTION = 5


@pytest.fixture(scope="session")
def folder(request):
    return request.config.rootpath / "notebooks"


def cells(folder, name, kind):
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def test_the_notebooks_are_those_of_the_study_in_order(folder):
    assert [path.stem for path in sorted(folder.glob("*.ipynb"))] == list(NAMES)
    assert [int(name[:2]) for name in NAMES] == list(range(1, len(NAMES) + 1))
    guide = (folder / "README.md").read_text(encoding="utf-8")
    places = [guide.index(f"{name}.ipynb") for name in NAMES]
    assert places == sorted(places)


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_notebook_holds_no_outputs_and_no_counts(folder, name):
    assert notebook_faults(folder / f"{name}.ipynb") == []


@pytest.mark.parametrize("name", NAMES)
def test_ids_of_cells_are_their_places(folder, name):
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    assert [cell.id for cell in notebook.cells] == [
        f"{name[:2]}-{n + 1:02d}" for n in range(len(notebook.cells))
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_opens_with_what_it_shows_and_ends_with_exercises(folder, name):
    words = cells(folder, name, "markdown")
    assert words[0].startswith(f"# {int(name[:2])}. ")
    assert "notebook" in words[0]
    assert "## Exercises" in words[-1]
    assert any("not mean" in text or "not say" in text for text in words)


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_notebook_says_at_once_that_the_texts_are_composed(folder, name):
    opening = cells(folder, name, "markdown")[0]
    assert "composed" in opening


@pytest.mark.parametrize("name", NAMES)
def test_the_code_is_short_and_asks_nothing_of_the_network(folder, name):
    code = cells(folder, name, "code")
    assert 3 <= len(code) <= MOST_CODE_CELLS
    for source in code:
        tree = ast.parse(source)
        long = [
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= LONGEST_FUNCTION
        ]
        assert long == []
        assert "://" not in source


def parameters(folder, name):
    """The one cell that is tagged, and all code after it."""
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", ())]
    assert tagged == code[:1]
    return notebook, code[0].source, "\n".join(cell.source for cell in code[1:])


@pytest.mark.parametrize("name", NAMES)
def test_the_first_code_sets_parameters_to_plain_values_and_all_are_used(folder, name):
    _, given, rest = parameters(folder, name)
    for statement in ast.parse(given).body:
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)
    used = {node.id for node in ast.walk(ast.parse(rest)) if isinstance(node, ast.Name)}
    used |= set(re.findall(r"@(\w+)", rest))
    assert assigned_names(given)
    assert set(assigned_names(given)) <= used


@pytest.mark.parametrize("name", NAMES)
def test_a_misspelt_parameter_of_a_notebook_is_an_error_before_anything_runs(folder, name):
    notebook, given, _ = parameters(folder, name)
    (first, *_) = assigned_names(given)
    with pytest.raises(ReportError, match=f"unknown parameter '{first}x' .known: {first}"):
        inject_parameters(notebook, {f"{first}x": 1}, where=name)
    inject_parameters(notebook, {first: 1}, where=name)


def test_the_gallery_says_how_to_read_every_kind_of_figure_that_a_study_draws(folder, request):
    stages = request.config.rootpath / "peercompare" / "study" / "output_stages.py"
    kinds = set(re.findall(r'f"([a-z]+)_', stages.read_text(encoding="utf-8"))) | {"terms"}
    assert {"agreement", "plane", "sensitivity"} <= kinds
    shown = re.findall(
        r'"([a-z]+)_?"', " ".join(re.findall(r"show_kind\((.*)\)", code_of(folder, EVERY_FIGURE)))
    )
    assert kinds <= set(shown)


def test_the_sum_by_hand_in_the_guide_is_right(folder, deegan):
    guide = (folder / "GUIDE.md").read_text(encoding="utf-8").split("## How to write")[0]
    given = [
        stance for _, stance in sorted(re.findall(r"\| (\d+) \| (\w+) ", guide), key=lambda row: int(row[0]))
    ]
    assert len(given) == 12
    first, middle, last = (given.count(stance) for stance in deegan.stance_ids)
    taking = first + middle + last
    assert f"{len(given) - taking} of 12" in guide.replace("Three segments", "")
    assert f"Peer {first}, overlap {middle}, clinical {last}." in guide
    for count in (first, middle, last):
        assert f"{count}/{taking} = {count / taking:.0%}".replace("%", " percent") in guide
    index = (last - first) / taking
    for overlap in (-0.25, 0.0, 0.25):
        assert f"{index + overlap * middle / taking:.2f}".replace("-", "−") in guide


def code_of(folder, name):
    return "\n".join(cells(folder, name, "code"))


@pytest.mark.notebook
def test_a_shipped_notebook_gives_the_same_bytes_twice(workplace, tmp_path):
    for name in ("one", "two"):
        run_notebook(workplace / "08_published_agreement.ipynb", out=tmp_path / name)
    once = (tmp_path / "one").read_bytes()
    assert once == (tmp_path / "two").read_bytes()
    assert b"9 of 9 agree" in once


@pytest.mark.parametrize("name", NAMES)
def test_the_words_hold_no_word_of_the_system_for_people(folder, name, deegan):
    words = " ".join(cells(folder, name, "markdown"))
    for patterns in deegan.system_language.values():
        for pattern in patterns:
            assert re.search(rf"\b(?:{pattern})\b", words, re.IGNORECASE) is None, pattern


@pytest.mark.notebook
@pytest.mark.parametrize("name", EXECUTED)
def test_a_notebook_runs_and_its_page_can_be_read_by_everybody(workplace, name):
    run = run_notebook(workplace / f"{name}.ipynb")
    outputs = [output for cell in run.cells if cell.cell_type == "code" for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    drawn = len(list((workplace.parent / "results" / "figures").glob("*.png")))
    assert len(pictures) == (drawn if name == EVERY_FIGURE else FIGURES.get(name, 0))
    assert len(outputs) >= 5
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    page = render_notebook(run, show_code=True)
    assert page_faults(page) == ()
    assert not re.search(r">\s*(nan|NaN)\s*<", page)
