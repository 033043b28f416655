"""The notebooks run from top to bottom, and the repository holds them with their output."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def images(notebook):
    """PNG images among the outputs of each cell."""
    return [sum("image/png" in output.get("data", {}) for output in cell.get("outputs", ())) for cell in notebook.cells]


def test_the_notebooks_are_there():
    names = {path.stem for path in NOTEBOOKS}
    assert names == {"replace_gensim", "compare_losses", "chinese", "explore_vectors", "graphs_and_sessions"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_saved_output_is_that_of_a_whole_run(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    saved = nbformat.read(path, as_version=4)
    nbformat.validate(saved)
    code = [cell for cell in saved.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert sum(images(saved)) >= 1
    assert "gensim.downloader" in saved.cells[0].source  # how to run it on a large corpus

    executed = nbformat.read(path, as_version=4)
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    NotebookClient(executed, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert images(executed) == images(saved)
    warnings = [o.text for c in executed.cells for o in c.get("outputs", ()) if o.get("name") == "stderr"]
    assert not [text for text in warnings if "Glyph" in text]  # a character that the figure's font lacks
