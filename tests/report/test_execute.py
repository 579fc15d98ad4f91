"""Running notebooks: the right interpreter, the same bytes, and an error that shows the cell."""

import sys

import nbformat
import pytest

from peercompare.errors import ReportError
from peercompare.report import notebook_faults, run_notebook, strip_notebook
from peercompare.report.execute import CellError, inject_parameters

pytestmark = pytest.mark.filterwarnings("ignore:.*:ResourceWarning")


def text_of(cell):
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)


@pytest.mark.notebook
def test_a_notebook_runs_in_this_interpreter_in_its_folder_without_bars(code_notebook, tmp_path, monkeypatch):
    decoy = tmp_path / "decoy" / "kernels" / "python3"
    decoy.mkdir(parents=True)
    (decoy / "kernel.json").write_text('{"argv": ["false"], "display_name": "another", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "decoy"))
    path = code_notebook(
        "import os, sys, peercompare\n[sys.executable, os.getcwd(), os.environ['PEERCOMPARE_PROGRESS']]",
        "seed = 1",
        "seed",
    )
    shown = text_of(run_notebook(path).cells[0])
    assert repr(sys.executable) in shown
    assert repr(str(tmp_path)) in shown
    assert "'off'" in shown


@pytest.mark.notebook
def test_two_runs_give_the_same_bytes_and_leave_the_source_alone(code_notebook, tmp_path):
    path = code_notebook(
        "{'b', 'a', 'c'}", ("seed = 1", "parameters"), "print(seed)\nprint(seed + 1)\n{hash('x') > 0, 'z'}"
    )
    before = path.read_bytes()
    for name in ("one.ipynb", "two.ipynb"):
        run_notebook(path, out=tmp_path / name, parameters={"seed": 5})
    assert (tmp_path / "one.ipynb").read_bytes() == (tmp_path / "two.ipynb").read_bytes()
    assert path.read_bytes() == before
    assert "5\\n" in (tmp_path / "one.ipynb").read_text()


@pytest.mark.notebook
def test_a_failing_cell_is_shown_and_nothing_is_written(code_notebook, tmp_path):
    path = code_notebook("fine = 1", "table = {}\ntable['code']", "never = 1")
    with pytest.raises(ReportError) as caught:
        run_notebook(path, out=tmp_path / "out.ipynb")
    message = str(caught.value)
    assert "try.ipynb stopped at cell 2" in message
    assert "KeyError: 'code'" in message
    assert "    table['code']" in message
    assert "\x1b" not in message
    assert not (tmp_path / "out.ipynb").exists()


@pytest.mark.notebook
def test_what_was_done_before_a_cell_took_too_long_is_kept(code_notebook):
    with pytest.raises(CellError, match=r"(?s)took more than 1 seconds.*time.sleep") as caught:
        run_notebook(code_notebook("print('done')", "import time\ntime.sleep(30)", "never = 1"), timeout=1)
    kept = caught.value.notebook
    assert [cell.id for cell in kept.cells] == ["c0", "stopped", "c1"]
    assert "stopped at cell 2" in kept.cells[1].source
    assert "left out: 1." in kept.cells[1].source
    assert "    time.sleep(30)" in kept.cells[1].source
    assert text_of(kept.cells[0]) == "done\n"
    assert "    it took more than 1 seconds" in kept.cells[1].source
    nbformat.validate(kept)


def test_a_misspelt_parameter_is_an_error_that_names_the_known_ones(code_notebook):
    path = code_notebook(("seed = 1\nlevel: float = 0.95", "parameters"))
    with pytest.raises(ReportError, match=r"unknown parameter 'sead' \(known: seed, level\)"):
        run_notebook(path, parameters={"sead": 2})


def test_parameters_need_a_tagged_cell(code_notebook):
    with pytest.raises(ReportError, match="takes no parameters"):
        run_notebook(code_notebook("seed = 1"), parameters={"seed": 2})


def test_a_parameter_is_a_plain_value(code_notebook):
    notebook = nbformat.read(code_notebook(("seed = 1", "parameters")), as_version=4)
    with pytest.raises(ReportError, match="not plain"):
        inject_parameters(notebook, {"seed": object()})


def test_parameters_are_set_right_after_the_tagged_cell(code_notebook):
    notebook = nbformat.read(
        code_notebook("first = 0", ("seed = 1\nname = ''", "parameters"), "seed"), as_version=4
    )
    inject_parameters(notebook, {"seed": 2, "name": "it's"})
    assert [cell.id for cell in notebook.cells] == ["c0", "c1", "injected-parameters", "c2"]
    assert notebook.cells[2].source == 'seed = 2\nname = "it\'s"'
    nbformat.validate(notebook)


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    (tmp_path / "a.ipynb").write_text("not json")
    with pytest.raises(ReportError, match=r"a\.ipynb is not a notebook"):
        run_notebook(tmp_path / "a.ipynb")
    with pytest.raises(ReportError, match="There is no notebook"):
        run_notebook(tmp_path / "b.ipynb")


def test_stripping_leaves_words_code_ids_and_tags_only(notebook, figure, tmp_path):
    made = notebook("# Title", [figure()])
    made.cells[1].execution_count = 4
    made.cells[1].metadata = nbformat.from_dict({"tags": ["parameters"], "execution": {"iopub": "2026"}})
    made.metadata["widgets"] = {}
    nbformat.write(made, tmp_path / "run.ipynb")
    nbformat.write(strip_notebook(made), tmp_path / "bare.ipynb")
    assert {fault.what.split(":")[0] for fault in notebook_faults(tmp_path / "run.ipynb")} == {
        "it holds outputs",
        "it holds an execution count",
        "it holds metadata of a run",
    }
    assert notebook_faults(tmp_path / "bare.ipynb") == []
    assert nbformat.read(tmp_path / "bare.ipynb", as_version=4).cells[1].metadata.tags == ["parameters"]
    assert made.cells[1].execution_count == 4
