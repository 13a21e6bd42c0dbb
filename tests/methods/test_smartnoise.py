"""The wrapper of smartnoise-synth, beside a package that gives back the rows it was shown."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import ck4gen
from ck4gen import settings
from ck4gen.methods.smartnoise import SmartNoise


class Echo:
    """Gives its rows back, columns in another order, as models of the package may."""

    def fit(self, coded, transformer):
        self.coded, self.labels = coded, transformer.possible
        self.synthesizer = self
        print("chatter")

    def synthetic_data(self, rows, method):
        assert method == "sample"
        named = self.coded.set_axis([f"col{i}" for i in range(self.coded.shape[1])], axis=1)
        drawn = named.iloc[np.random.randint(0, len(named), rows)]  # noqa: NPY002
        return SimpleNamespace(df=drawn.iloc[:, ::-1].reset_index(drop=True))

    def undo_compress_fn(self, data):
        return data


class Labels:
    def __init__(self, transformers):
        self.width = len(transformers)

    def fit(self, possible):
        self.possible = possible


@pytest.fixture
def package(monkeypatch):
    snsynth, transform = ModuleType("snsynth"), ModuleType("snsynth.transform")
    snsynth.Synthesizer = SimpleNamespace(create=lambda name, epsilon, delta: Echo())
    transform.TableTransformer, transform.LabelTransformer = Labels, lambda nullable: None
    monkeypatch.setitem(sys.modules, "snsynth", snsynth)
    monkeypatch.setitem(sys.modules, "snsynth.transform", transform)
    monkeypatch.setattr(settings, "find_spec", lambda name: name)


@pytest.mark.parametrize("mechanism", ["mst", "aim"])
def test_rows_come_back_in_their_columns_and_repeat_under_a_seed(package, mechanism, capsys):
    data = ck4gen.load("whas500")
    method = SmartNoise(mechanism).fit(data)
    assert capsys.readouterr().out == ""
    table = method.sample(2000, seed=3)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert table.equals(method.sample(2000, seed=3))
    assert not table.equals(method.sample(2000, seed=4))
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    assert list(table) == [*data.schema.names, "duration", "event"]
    real = data.train[table.columns].mean()
    spread = data.train[table.columns].std()
    wide = [c.name for c in method.public if c.kind == "numeric"] + ["duration"]
    allowed = np.where(table.columns.isin(wide), 0.5, 0.1)  # cells are wide
    assert (((table.mean() - real).abs() / spread) < allowed).all()


def test_labels_are_all_cells_there_can_be_and_not_those_of_the_patients(package):
    data = ck4gen.load("whas500")
    method = SmartNoise("mst", cells=40).fit(data)
    sizes = method.model.labels.nunique().tolist()
    assert sizes == method.public_cells.sizes
    assert method.model.coded.nunique().sum() < sum(sizes)
