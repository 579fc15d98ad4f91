"""A notebook that stops is shown as far as it came, and the others are executed all the same."""

import nbformat
import pytest

from peercompare.cli import main
from peercompare.errors import ReportError
from peercompare.study.output_stages import execute_notebooks
from peercompare.study.runner import Bench

pytestmark = pytest.mark.filterwarnings("ignore:.*:ResourceWarning")


class PretendStudy:
    """A results folder and the notebooks that a study executes."""

    def __init__(self, folder, *cells_of_notebooks):
        self.results = folder / "results"
        self.paths = [folder / f"{number:02d}.ipynb" for number in range(1, len(cells_of_notebooks) + 1)]
        for path, sources in zip(self.paths, cells_of_notebooks, strict=True):
            cells = [nbformat.v4.new_markdown_cell("# A title", id="title")]
            cells += [nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(sources)]
            nbformat.write(nbformat.v4.new_notebook(cells=cells), path)

    def notebooks(self):
        return self.paths


@pytest.mark.notebook
def test_a_notebook_that_stops_keeps_what_was_done_and_stops_no_other(tmp_path):
    stops = ["print('this was done')", "table = {}\ntable['<b>code']", "print('too late')"]
    study = PretendStudy(tmp_path, stops, ["print('another')"])
    before = study.results / "notebooks" / "01.html"
    before.parent.mkdir(parents=True)
    before.write_text("of an earlier run")
    bench = Bench(study)
    with pytest.raises(
        ReportError, match=r"(?s)01\.ipynb stopped at cell 3.*KeyError.*    table\['<b>code'\]"
    ):
        execute_notebooks(bench)
    page = (study.results / "notebooks" / "01.stopped.html").read_text(encoding="utf-8")
    assert "This notebook stopped at cell 3." in page
    assert "this was done" in page
    assert "KeyError: '&lt;b&gt;code'" in page
    assert "too late" not in page
    assert "another" in (study.results / "notebooks" / "02.html").read_text(encoding="utf-8")
    assert before.read_text() == "of an earlier run"
    assert sorted(path.name for path in bench.written) == ["01.stopped.html", "02.html"]


@pytest.mark.notebook
def test_all_notebooks_that_stop_are_told_at_once(tmp_path):
    study = PretendStudy(tmp_path, ["1 / 0"], ["fine = 1"], ["raise SystemExit(3)", "open('nowhere')"])
    with pytest.raises(ReportError) as caught:
        execute_notebooks(Bench(study))
    message = str(caught.value)
    assert "2 notebooks stopped" in message
    assert "01.ipynb stopped at cell 2" in message
    assert "03.ipynb stopped at cell" in message


def test_a_notebook_that_cannot_become_a_page_is_named_and_stops_no_other(tmp_path, monkeypatch):
    monkeypatch.setattr("peercompare.report.run_notebook", lambda path: nbformat.read(path, as_version=4))
    study = PretendStudy(tmp_path, ["1"], ["2"])
    raw = nbformat.read(study.paths[0], as_version=4)
    raw.cells[0].source = "# A title\n\n$$x$$"
    nbformat.write(raw, study.paths[0])
    with pytest.raises(ReportError, match=r"01\.ipynb: The notebook cannot become a page"):
        execute_notebooks(Bench(study))
    assert [path.name for path in (study.results / "notebooks").iterdir()] == ["02.html"]


def test_the_command_ends_with_one_where_a_notebook_stopped(tmp_path, monkeypatch, capsys):
    def stopped(*_, **__):
        raise ReportError("01.ipynb stopped at cell 3", remedy="mend this cell:\n    table['code']")

    monkeypatch.setattr("peercompare.study.run_study", stopped)
    (tmp_path / "study.toml").touch()
    assert main(["run", str(tmp_path / "study.toml")]) == 1
    said = capsys.readouterr().err
    assert "01.ipynb stopped at cell 3" in said
    assert "    table['code']" in said
