"""The notebooks run from top to bottom, and hold no outputs in git."""

import ast
import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from ck4gen.config import ROOT

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def executed(file, folder):
    """The notebook after it has run in a copy of its folder, beside ``outputs``."""
    place = folder / "notebooks"
    place.mkdir()
    shutil.copy(file, place)
    book = nbformat.read(file, as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(place)}}).execute()
    return book


def texts(book):
    """What the last cell of a notebook shows."""
    return "".join(str(output) for output in book.cells[-1].outputs)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_outputs_are_stripped(file):
    for cell in nbformat.read(file, as_version=4).cells:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


def test_the_walkthrough_ends_with_its_metrics(tmp_path):
    book = executed(ROOT / "notebooks" / "01_walkthrough.ipynb", tmp_path)
    assert "'hazard/in_ci': 1.0" in texts(book)


def test_a_table_and_a_figure_are_made_by_hand(tmp_path, outputs):
    (tmp_path / "outputs").symlink_to(outputs)
    book = executed(ROOT / "notebooks" / "02_tables_and_figures.ipynb", tmp_path)
    assert "image/png" in str(book.cells)
    assert "ck4gen sweep data=whas500" in texts(book)


def test_a_messy_file_ends_with_a_verdict(tmp_path):
    book = executed(ROOT / "notebooks" / "03_your_cohort.ipynb", tmp_path)
    assert "None of this is a formal" in texts(book)
    shown = str(book.cells)
    assert "nodes_positive <= nodes_examined" in shown
    assert "cohort_synthetic/share/synthetic.csv" in shown
    assert "patient_no: an identifier by its name" in shown


def test_a_method_of_your_own_is_measured_calibrated_and_audited(tmp_path):
    book = executed(ROOT / "notebooks" / "04_your_own_method.ipynb", tmp_path)
    shown = [output.data["text/plain"] for cell in book.cells for output in cell.get("outputs", [])
             if "data" in output]  # fmt: skip
    before, after = (ast.literal_eval(text) for text in shown if text.startswith("{'hazard"))
    assert after["hazard/log_hr_z"] < before["hazard/log_hr_z"]
    assert "privacy verdict: " in texts(book)
