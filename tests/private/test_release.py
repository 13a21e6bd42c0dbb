"""Every read of a row: a function of this row and of earlier releases, and nothing else."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ck4gen.config import defaults
from ck4gen.data.public_table_file import public_table
from ck4gen.described.hazards import quadratic_cuts
from ck4gen.methods.private_ck4gen import PrivateCK4Gen
from ck4gen.private import columns
from ck4gen.private.bounded_scores import BoundedScores
from ck4gen.private.columns import finest, private_marginals
from ck4gen.private.hazard_ratios import private_hazard_ratios
from ck4gen.private.mechanism import Mechanism
from ck4gen.private.release import private_description
from ck4gen.private.settings import PrivateSettings
from ck4gen.private.simulated import Simulated
from ck4gen.private.spreads import Circle
from ck4gen.settings import InputError, build

PUBLIC = {
    "horizon": 1000,
    "columns": {
        "age": {"low": 20, "high": 100},
        "marker": {"low": 0.1, "high": 50, "decimals": 1, "scale": "log", "missing": True},
        "smoker": {"levels": [0, 1]},
        "stage": {"levels": ["I", "II", "III"], "ordered": True},
        "old": {"levels": [0, 1], "follows": "age", "cuts": [65]},
    },
}
QUICK = {"release": {"pool": 1000, "iterations": 2}, "calibration": {"steps": 5}}
READS = 8  # patients, histograms, points, products, times, and three steps of the hazard ratios


@pytest.fixture(scope="module")
def public():
    return public_table(PUBLIC, "PUBLIC")


@pytest.fixture(scope="module")
def settings():
    keys = defaults("method=ck4gen_private")["method"]["release"]
    keys = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
    return build(PrivateSettings, "release", keys | {"pool": 1000, "iterations": 3})


def rows(n, seed):
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": generator.integers(30, 90, n),
            "marker": generator.lognormal(0, 1, n).clip(0.1, 50).round(1),
            "smoker": generator.integers(0, 2, n),
            "stage": generator.choice(["I", "II", "III"], n),
        }
    )
    risk = 0.04 * (frame["age"] - 60) + 0.8 * frame["smoker"]
    frame["old"] = (frame["age"] >= 65).astype(int)
    frame["duration"] = generator.exponential(500 * np.exp(-risk)).clip(1, 900).round()
    frame["event"] = generator.integers(0, 2, n)
    frame.loc[: n // 10, "marker"] = np.nan
    return frame


class Replayed(Mechanism):
    """Keeps what it is given, and answers as another one did."""

    def __init__(self, answers=()):
        super().__init__(3.0, 1e-5)
        self.answers, self.seen = list(answers), []

    def sum(self, name, rows, bound, share):
        found = super().sum(name, rows, bound, share)
        self.seen.append((name, rows, bound))
        if self.answers:
            found = self.answers.pop(0)
        self.given = [*getattr(self, "given", []), found]
        return found


def differing(table, public, settings):
    """Reads in which other patients' parts, or the bound, change when one patient leaves."""
    first = Replayed()
    private_description(table, public, settings, first, 0)
    assert len(first.seen) == READS
    found = []
    for gone in (0, 7, len(table) - 1):
        again = Replayed(first.given)
        private_description(table.drop(index=gone), public, settings, again, 0)
        for (name, before, bound), (_, after, other) in zip(first.seen, again.seen, strict=True):
            if bound != other or not np.array_equal(np.delete(before, gone, axis=0), after):
                found.append(name)
    return found


@pytest.mark.slow
def test_a_patient_changes_nobody_elses_part(public, settings):
    assert differing(rows(120, 0), public, settings) == []


@pytest.mark.slow
def test_a_range_that_is_read_off_the_rows_is_caught(public, settings, monkeypatch):
    table = rows(120, 0)
    table.loc[7, "age"] = 99
    read = type(public).read

    def leaking(self, frame):
        widest = replace(self.columns[0], high=float(frame["age"].max()))
        return read(replace(self, columns=(widest, *self.columns[1:])), frame).assign(
            age=lambda x: x["age"] / frame["age"].max() * 99
        )

    monkeypatch.setattr(type(public), "read", leaking)
    assert differing(table, public, settings)


@pytest.mark.slow
def test_an_extra_look_is_caught(public, settings, monkeypatch):
    marginals = columns.private_marginals
    table = rows(120, 0)

    def peeking(read, *rest):
        made, patients = marginals(read, *rest)
        return made, patients + read["age"].mean()  # moves the scale of all that follows

    monkeypatch.setattr("ck4gen.private.release.private_marginals", peeking)
    assert differing(table, public, settings)


@pytest.mark.slow
def test_a_circle_that_is_read_off_the_rows_is_caught(public, settings, monkeypatch):
    points = Circle.points

    def leaking(self, values):
        return points(replace(self, middle=float(np.nanmean(values))), values)

    monkeypatch.setattr(Circle, "points", leaking)
    assert "means and spreads of numerics" in differing(rows(120, 0), public, settings)


@pytest.mark.slow
def test_a_weight_that_is_read_off_the_cohort_is_caught(public, settings, monkeypatch):
    weights = BoundedScores.weights

    def leaking(self, x):
        weight, until = weights(self, x)
        return weight * len(x) / 120, until

    monkeypatch.setattr(BoundedScores, "weights", leaking)
    found = differing(rows(120, 0), public, settings)
    assert found
    assert all("scores of the hazards" in name for name in found)


def test_with_a_vast_budget_the_description_is_that_of_the_rows(public, settings):
    table = rows(4000, 1)
    description = private_description(table, public, settings, Mechanism(1e4, 1e-5), 0)
    assert description.patients == pytest.approx(4000, abs=5)
    drawn = description.rows(20_000, np.random.default_rng(0))
    real = table.dropna()
    # sampling errors of 4,000 and 20,000 rows, five times
    assert drawn["age"].mean() == pytest.approx(real["age"].mean(), abs=1.6)
    assert drawn["smoker"].mean() == pytest.approx(real["smoker"].mean(), abs=0.045)
    assert drawn["event"].mean() == pytest.approx(table["event"].mean(), abs=0.045)
    assert np.log(drawn["marker"]).mean() == pytest.approx(np.log(real["marker"]).mean(), abs=0.1)
    assert (drawn["old"] == (drawn["age"] >= 65)).all()
    age, marker, smoker, _, _, old = description.coefficients / description.terms.spread
    assert 18 * age + old == pytest.approx(18 * 0.04, abs=0.2)  # 18: between means of old and not
    assert smoker == pytest.approx(0.8, abs=0.22)
    assert abs(marker) < 0.15


def test_a_description_comes_back_from_its_state(public, settings):
    made = private_description(rows(200, 2), public, settings, Mechanism(3.0, 1e-5), 0)
    again = type(made).from_state(made.to_state())
    first, second = (d.rows(50, np.random.default_rng(1)) for d in (made, again))
    pd.testing.assert_frame_equal(first, second)


def test_values_outside_the_public_ranges_are_brought_inside(public):
    table = rows(20, 3)
    table.loc[0, ["age", "marker"]] = [999, 0.0001]
    table["stage"] = table["stage"].where(table.index > 1, "IV")
    table.loc[2, ["duration", "event"]] = [5000, 1]
    read = public.read(table)
    assert read.loc[0, "age"] == 100
    assert read.loc[0, "marker"] == 0.1
    assert read.loc[0, "stage"] != read.loc[0, "stage"]  # unknown level: no value
    assert tuple(read.loc[2, ["duration", "event"]]) == (1000, 0)


def test_a_wrong_description_is_refused_with_every_fault():
    wrong = {"columns": {"age": {"low": 5, "high": 1}, "sex": {"levels": ["F"]}, "x": {}}, "end": 3}
    with pytest.raises(InputError) as caught:
        public_table(wrong, "mine.yaml")
    said = str(caught.value)
    wrong["columns"]["band"] = {"levels": [0, 1], "follows": "weight", "cuts": [3]}
    with pytest.raises(InputError, match="'weight', which is no numeric column"):
        public_table(wrong, "mine.yaml")
    for part in ("end is no key", "columns.age: low", "columns.sex", "columns.x", "horizon"):
        assert part in said


def test_shares_of_the_budget_add_up(settings):
    with pytest.raises(InputError, match="add up to 1"):
        replace(settings, columns=0.5)


def test_cells_are_as_fine_as_the_patients_beside_the_noise_allow(public, settings):
    assert finest(500, 10, settings) == settings.cells
    assert finest(50_000, 20, settings) == 68
    narrow = rows(40_000, 1).assign(age=np.random.default_rng(2).normal(56, 2, 40_000).round())
    wide = replace(
        public,
        columns=tuple(
            replace(c, low=0, high=300) if c.name == "age" else c for c in public.columns
        ),
    )
    read = wide.read(narrow)
    few, many = (
        private_marginals(read, wide, replace(settings, finer=finer), Mechanism(1.0, 1e-5))[0]
        for finer in (0.0, settings.finer)
    )
    spread = [m[0].values(np.linspace(0.0005, 0.9995, 1000)).std() for m in (few, many)]
    assert spread[0] > 3.3  # one cell of 12.5
    assert spread[1] < 0.8 * spread[0]


@pytest.mark.parametrize("constant", [[1], [0, 2], [0, 1, 2]])
def test_a_term_without_spread_in_simulated_patients(constant, settings):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(1000, 3))
    real = x[:300] + 0.0
    real[:5] += 1  # patients differ in it
    x[:, constant] = 0.0
    shares = np.full(8, 0.03), np.full(8, 0.05)
    simulated = Simulated(x, generator.random((1000, 2)), quadratic_cuts(1000, 8), *shares)
    time, event = generator.uniform(1, 999, 300), generator.integers(0, 2, 300).astype(float)
    coefficients, factors = private_hazard_ratios(
        real, time, event, 300.0, simulated, settings, Mechanism(3.0, 1e-5)
    )
    assert np.isfinite(coefficients).all()
    assert np.isfinite(factors).all()
    assert (factors[constant] == 1).all()


@pytest.mark.filterwarnings("ignore:calibration was not met", "ignore:.*events per covariate")
def test_a_level_that_no_simulated_patient_has(public, monkeypatch, tmp_path):
    made = columns.private_marginals

    def without_last_stage(*args):
        marginals, patients = made(*args)
        for marginal in marginals:
            if marginal.column.name == "stage":
                marginal.shares[:] = [0.5, 0.5, 0.0]
        return marginals, patients

    monkeypatch.setattr("ck4gen.private.release.private_marginals", without_last_stage)
    file = tmp_path / "public.yaml"
    file.write_text(json.dumps(public.to_state()))
    method = PrivateCK4Gen(public=str(file), **QUICK)
    with pytest.warns(UserWarning, match=r"stage\[III\] is constant"):
        method.fit(rows(300, 0))
    table = method.sample(seed=1)
    assert set(table["stage"]) == {"I", "II"}
    assert "stage[III]" not in method.standard_error_factors
    assert method.table_schema["stage"].levels == ("I", "II", "III")


def test_patients_with_such_a_level_are_not_a_billion_sds_away(public, settings):
    table = rows(200, 1)
    table["smoker"] = 0
    table.loc[0, "smoker"] = 1
    made = private_description(table, public, settings, Mechanism(3.0, 1e-5), 0)
    assert (made.terms.spread > 1e-3).all()
