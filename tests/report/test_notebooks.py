"""The notebooks run from top to bottom, and hold no outputs in git."""

import ast
import json
import shutil
import sys

import pytest

from ck4gen.config import ROOT

# a reader sees a warning, and goes on
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def shell():
    """What runs the cells of Jupyter, in this process: one of its own would import all anew."""
    from IPython.core.history import HistoryManager  # which nothing but notebooks needs
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.pylabtools import select_figure_formats

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HistoryManager, "enabled", False)  # no file of what was typed
        shell = InteractiveShell.instance()
        select_figure_formats(shell, {"png"})
        yield shell
        shell.restore_sys_module_state()  # __main__ was the notebook's
        InteractiveShell.clear_instance()


@pytest.fixture
def executed(shell, tmp_path, monkeypatch):
    """Runs a notebook, with no names left of another one, in a copy of its folder.

    A passage of its code may be replaced, so that a fit or a search takes fewer steps. What comes
    back is what each cell shows, by the kinds of text and picture that Jupyter chooses from.
    """
    from IPython.utils.capture import capture_output

    place = tmp_path / "notebooks"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "path", [str(place), *sys.path])

    def show(value):
        if value is not None:
            cells[-1].append(shell.display_formatter.format(value)[0])

    cells: list[list[dict]] = []
    monkeypatch.setattr(shell.display_trap, "hook", show)

    def run(name, passage="", shorter=""):
        shutil.copy(ROOT / "notebooks" / name, place)
        book = json.loads((place / name).read_text(encoding="utf-8"))
        sources = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
        assert passage in "".join(sources)
        shell.reset()
        for source in sources:
            cells.append([])
            with capture_output() as said:
                done = shell.run_cell(source.replace(passage, shorter) if passage else source)
            done.raise_error()
            cells[-1] += [{"text/plain": said.stdout}, *(output.data for output in said.outputs)]
        return cells

    return run


def texts(cell):
    """What a cell shows."""
    return "".join(map(str, cell))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_outputs_are_stripped(file):
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


def test_the_walkthrough_ends_with_its_metrics(executed):
    few = 'CK4Gen(encoder={"steps": 100}, decoder={"steps": 300}).fit('
    cells = executed("01_walkthrough.ipynb", "CK4Gen().fit(data", few + "data")
    assert "'hazard/in_ci': 1.0" in texts(cells[-1])


def test_a_table_and_a_figure_are_made_by_hand(executed, tmp_path, outputs):
    (tmp_path / "outputs").symlink_to(outputs)
    cells = executed("02_tables_and_figures.ipynb")
    assert any("image/png" in shown for cell in cells for shown in cell)
    assert "ck4gen sweep data=whas500" in texts(cells[-1])


def test_a_messy_file_ends_with_a_verdict(executed):
    few = '"evaluation=fast", "method.calibration.least_norm_steps=5", "method.calibration.steps=5"'
    cells = executed("03_your_cohort.ipynb", '"evaluation=fast"', few)
    assert "None of this is a formal" in texts(cells[-1])
    shown = "".join(map(texts, cells))
    assert "nodes_positive <= nodes_examined" in shown
    assert "cohort_synthetic/share/synthetic.csv" in shown
    assert "patient_no: an identifier by its name" in shown


def test_a_method_of_your_own_is_measured_calibrated_and_audited(executed):
    cells = executed("04_your_own_method.ipynb", '"steps": 60', '"steps": 20')
    plain = [shown["text/plain"] for cell in cells for shown in cell]
    before, after = (ast.literal_eval(text) for text in plain if text.startswith("{'hazard"))
    assert after["hazard/log_hr_z"] < before["hazard/log_hr_z"]
    assert "privacy verdict: " in texts(cells[-1])
