"""The notebooks run from top to bottom, and hold no outputs in git."""

import ast
import json
import shutil

import pytest

from ck4gen.config import ROOT

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def kernel():
    """One kernel for all: each imports torch, Lightning and matplotlib once."""
    from jupyter_client.manager import KernelManager  # which nothing but notebooks needs

    manager = KernelManager()
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)
    manager.context.destroy()


@pytest.fixture
def executed(kernel, tmp_path):
    """Runs a notebook, with no names left of another one, in a copy of its folder.

    A passage of its code may be replaced, so that a fit or a search takes fewer steps.
    """
    import nbformat
    from nbclient import NotebookClient

    def run(name, passage="", shorter=""):
        place = tmp_path / "notebooks"
        place.mkdir()
        shutil.copy(ROOT / "notebooks" / name, place)
        book = nbformat.read(place / name, as_version=4)
        assert passage in "".join(cell.source for cell in book.cells)
        for cell in book.cells:
            cell.source = cell.source.replace(passage, shorter) if passage else cell.source
        start = nbformat.v4.new_code_cell(f"%reset -f\n%cd -q {place}")
        book.cells.insert(0, start)
        client = NotebookClient(book, km=kernel, timeout=300)
        try:
            client.execute()
        finally:
            client.kc.stop_channels()
        return book

    return run


def texts(book):
    """What the last cell of a notebook shows."""
    return "".join(str(output) for output in book.cells[-1].outputs)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_outputs_are_stripped(file):
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


def test_the_walkthrough_ends_with_its_metrics(executed):
    few = 'CK4Gen(encoder={"steps": 100}, decoder={"steps": 300}).fit('
    book = executed("01_walkthrough.ipynb", "CK4Gen().fit(data", few + "data")
    assert "'hazard/in_ci': 1.0" in texts(book)


def test_a_table_and_a_figure_are_made_by_hand(executed, tmp_path, outputs):
    (tmp_path / "outputs").symlink_to(outputs)
    book = executed("02_tables_and_figures.ipynb")
    assert "image/png" in str(book.cells)
    assert "ck4gen sweep data=whas500" in texts(book)


def test_a_messy_file_ends_with_a_verdict(executed):
    few = '"evaluation=fast", "method.calibration.least_norm_steps=5", "method.calibration.steps=5"'
    book = executed("03_your_cohort.ipynb", '"evaluation=fast"', few)
    assert "None of this is a formal" in texts(book)
    shown = str(book.cells)
    assert "nodes_positive <= nodes_examined" in shown
    assert "cohort_synthetic/share/synthetic.csv" in shown
    assert "patient_no: an identifier by its name" in shown


def test_a_method_of_your_own_is_measured_calibrated_and_audited(executed):
    book = executed("04_your_own_method.ipynb", '"steps": 60', '"steps": 20')
    shown = [output.data["text/plain"] for cell in book.cells for output in cell.get("outputs", [])
             if "data" in output]  # fmt: skip
    before, after = (ast.literal_eval(text) for text in shown if text.startswith("{'hazard"))
    assert after["hazard/log_hr_z"] < before["hazard/log_hr_z"]
    assert "privacy verdict: " in texts(book)
