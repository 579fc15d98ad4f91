"""Running a notebook from top to bottom, the same each time, and keeping the committed ones empty."""

from __future__ import annotations

import ast
import asyncio
import copy
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import nbformat

from peercompare.errors import Problem, ReportError
from peercompare.files import write_atomically
from peercompare.progress import SWITCH
from peercompare.report.cleaning import strip_ansi

PARAMETERS = "parameters"
INJECTED = "injected-parameters"
SHOWN_LINES = 12
"""How many lines of a failing cell a message quotes."""


class CellError(ReportError):
    """A cell did not run to its end; `notebook` holds all that was done, and says on top where it stopped."""

    notebook: nbformat.NotebookNode | None = None


def run_notebook(
    path: str | Path,
    *,
    out: str | Path | None = None,
    parameters: Mapping[str, object] | None = None,
    folder: str | Path | None = None,
    timeout: int = 600,
) -> nbformat.NotebookNode:
    """Run a notebook in a new kernel and return it with its outputs.

    The kernel is the interpreter that runs this function, whatever kernels are installed under the name
    ``python3``. It starts without the user's IPython profile, with a fixed hash seed and without progress
    bars, and no times are recorded: two runs of a deterministic notebook give the same bytes.

    Parameters
    ----------
    path : str or Path
        The notebook; it is not changed.
    out : str or Path, optional
        Where to write the executed notebook, whole or not at all. Nothing is written where a cell fails.
    parameters : mapping, optional
        Values for names that the notebook's cell tagged ``parameters`` assigns; they are set in a cell put
        after it.
    folder : str or Path, optional
        Working folder of the kernel; by default the notebook's own.
    timeout : int, default 600
        Seconds that one cell may take.

    Returns
    -------
    NotebookNode
        With the outputs and counts of this run, and with the cell of parameters where any were given.

    Raises
    ------
    ReportError
        Where the notebook cannot be read, a parameter is misspelt, or a cell fails; the message shows the
        cell.
    """
    path = Path(path)
    notebook = _read(path)
    if parameters:
        inject_parameters(notebook, parameters, where=path.name)
    _execute(notebook, path.name, folder=Path(folder or path.parent), timeout=timeout)
    if out is not None:
        write_atomically(out, nbformat.writes(notebook) + "\n")
    return notebook


def inject_parameters(
    notebook: nbformat.NotebookNode, parameters: Mapping[str, object], *, where: str = "the notebook"
) -> None:
    """Set parameters in a new cell after the one tagged ``parameters``, in place.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place: it is a copy that is about to be run.
    parameters : mapping
        Names to plain values: text, numbers, truth values, None, and lists, tuples and dictionaries of them.
    where : str
        The notebook's name, for messages.

    Raises
    ------
    ReportError
        Where no cell is tagged, a name is not assigned there, or a value is not plain.
    """
    tagged = [i for i, cell in enumerate(notebook.cells) if PARAMETERS in cell.metadata.get("tags", ())]
    if not tagged:
        raise ReportError(
            f"{where} takes no parameters", remedy="tag the cell that sets them with 'parameters'"
        )
    known = assigned_names(notebook.cells[tagged[0]].source)
    faults = [
        Problem(where, f"unknown parameter {name!r}", f"known: {', '.join(known) or 'none'}")
        for name in parameters
        if name not in known
    ]
    faults += [
        Problem(where, f"the value of {name!r} is not plain: {value!r}")
        for name, value in parameters.items()
        if not _is_plain(value)
    ]
    if faults:
        raise ReportError(f"{where} was not run", faults)
    source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    cell = nbformat.v4.new_code_cell(source, id=INJECTED, metadata={"tags": [INJECTED]})
    notebook.cells.insert(tagged[0] + 1, cell)


def assigned_names(source: str) -> list[str]:
    r"""Return the names that a cell assigns at its top level, in order.

    Examples
    --------
    >>> assigned_names("seed = 1\nlevel: float = 0.95\nprint(seed)")
    ['seed', 'level']
    """
    names: list[str] = []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign):
            names += [target.id for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.append(statement.target.id)
    return names


def strip_notebook(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy as it is committed: no outputs, no execution counts, no traces of who ran it.

    Parameters
    ----------
    notebook : NotebookNode
        In the form of nbformat 4; it is not changed.

    Returns
    -------
    NotebookNode
        Cells keep their text, ids and tags; the kernel is named ``python3``, whichever ran it.
    """
    bare = nbformat.from_dict(notebook)
    bare.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in bare.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k == "tags"})
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return bare


def notebook_faults(path: str | Path) -> list[Problem]:
    """Find what a committed notebook should not hold: outputs, counts and traces of a run, unnamed cells.

    Parameters
    ----------
    path : str or Path
        The notebook; it is read and not run.

    Returns
    -------
    list of Problem
        In the order of the cells, several for one cell where it has several; empty where all is well.

    Raises
    ------
    ReportError
        Where the file is absent or no notebook.
    """
    path = Path(path)
    notebook = _read(path)
    faults = []
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"{path.name}, cell {number}"
        if cell.get("outputs"):
            faults.append(Problem(where, "it holds outputs", "clear them before committing"))
        if cell.get("execution_count") is not None:
            faults.append(Problem(where, "it holds an execution count", "clear outputs before committing"))
        if set(cell.metadata) - {"tags"}:
            faults.append(
                Problem(where, f"it holds metadata of a run: {sorted(set(cell.metadata) - {'tags'})}")
            )
    names = [cell.get("id", "") for cell in notebook.cells]
    if len(set(names)) != len(names) or "" in names:
        faults.append(Problem(path.name, "two cells have the same id, or one has none"))
    return faults


def _read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook, or say what is wrong with the file."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ReportError(f"There is no notebook {path}") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise ReportError(
            f"{path} is not a notebook", [Problem(path.name, str(error).splitlines()[0])]
        ) from error


def _is_plain(value: object) -> bool:
    """Tell whether a value's written form gives the value back."""
    try:
        return ast.literal_eval(repr(value)) == value
    except (ValueError, SyntaxError, TypeError):
        return False


def _execute(notebook: nbformat.NotebookNode, name: str, *, folder: Path, timeout: int) -> None:
    """Run the cells in place; turn every way to fail into one error that shows the cell."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    with tempfile.TemporaryDirectory(prefix="peercompare-") as profile:
        client = _client(notebook, folder=folder, timeout=timeout)
        try:
            asyncio.run(client.async_execute(cleanup_kc=True, env=_environment(profile)))
        except CellExecutionError as error:
            raise _cell_error(notebook, name, f"{error.ename}: {strip_ansi(error.evalue)}") from error
        except CellTimeoutError as error:
            raise _cell_error(notebook, name, f"it took more than {timeout} seconds") from error
        except DeadKernelError as error:
            raise _cell_error(notebook, name, "the kernel died; it may have run out of memory") from error


def _client(notebook: nbformat.NotebookNode, *, folder: Path, timeout: int):
    """Return an nbclient that starts the interpreter which runs now, in the given folder."""
    import zmq
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class RunningInterpreter(KernelSpecManager):
        """Offer one kernel, whatever is installed: the interpreter that runs now."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(**get_kernel_dict())

    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=RunningInterpreter())
    if manager.has_trait("transport_encryption") and zmq.has("curve"):
        manager.transport_encryption = "auto"  # what a cell shows stays between the kernel and this process
    return NotebookClient(
        notebook,
        km=manager,
        resources={"metadata": {"path": str(folder)}},
        timeout=timeout,
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
    )


def _environment(profile: str) -> dict[str, str]:
    """Return the kernel's environment: the caller's, less what makes two runs or two users differ.

    The running package comes first on the path, so that a notebook in another folder measures with the same
    code.
    """
    package = str(Path(__file__).resolve().parents[2])
    fixed = {
        "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH", "")])),
        SWITCH: "off",
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": profile,
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    return {**os.environ, **fixed}


def _cell_error(notebook: nbformat.NotebookNode, name: str, what: str) -> CellError:
    """Return an error that shows the cell which did not run to its end, and holds what ran before it."""
    number = _stopped_at(notebook)
    source = notebook.cells[number - 1].source if number else ""
    error = CellError(
        f"{name} stopped at cell {number}",
        [Problem(f"cell {number}", what)],
        remedy=f"mend this cell and run the notebook again:\n{_shortened(source)}",
    )
    error.notebook = _as_far_as_it_ran(notebook, number, what)
    return error


def _stopped_at(notebook: nbformat.NotebookNode) -> int:
    """Return the number of the cell that did not run to its end, from 1; 0 where none was begun."""
    cells = list(enumerate(notebook.cells, start=1))
    failed = [
        (n, cell) for n, cell in cells if any(o.output_type == "error" for o in cell.get("outputs", ()))
    ]
    if not failed:
        started = [
            (n, cell) for n, cell in cells if cell.cell_type == "code" and cell.execution_count is not None
        ]
        after = started[-1][0] if started else 0
        failed = [(n, cell) for n, cell in cells if cell.cell_type == "code" and n > after][:1] or started[
            -1:
        ]
    return failed[-1][0] if failed else 0


def _as_far_as_it_ran(notebook: nbformat.NotebookNode, number: int, what: str) -> nbformat.NotebookNode:
    """Return the cells up to the one that stopped, with what they showed; the title is followed by where."""
    kept = copy.deepcopy(notebook)
    after = len(kept.cells) - number
    kept.cells = kept.cells[:number]
    shown = [_shortened(what), _shortened(kept.cells[-1].source)] if kept.cells else [_shortened(what)]
    words = [
        f"**This notebook stopped at cell {number}.** Cells after it that are left out: {after}.",
        *shown,
    ]
    kept.cells.insert(min(1, number), nbformat.v4.new_markdown_cell("\n\n".join(words), id="stopped"))
    return kept


def _shortened(source: str) -> str:
    """Return a cell's source, or what it raised, indented, at most a dozen lines of it."""
    lines = source.splitlines()
    shown = lines if len(lines) <= SHOWN_LINES else [*lines[: SHOWN_LINES - 4], "...", *lines[-3:]]
    return "\n".join(f"    {line}" for line in shown)
