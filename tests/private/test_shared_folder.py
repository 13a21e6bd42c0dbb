"""Given one release, the folder to share is the same with a patient and without."""

import numpy as np
import pandas as pd
import pytest

import ck4gen
from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments import synthesize as synthesized
from ck4gen.methods.private_ck4gen import RELEASE, PrivateCK4Gen

pytestmark = pytest.mark.filterwarnings("ignore")

PUBLIC = """\
horizon: 1500
duration_unit: days
event_meaning: death
decimal_mark: ","
event: {happened: dead, censored: alive}
columns:
  age: {low: 18, high: 110, unit: years}
  marker: {low: 0.1, high: 20, decimals: 1, missing: [-9]}
  grp: {levels: [A, B, Z], missing: true}
  treated: {levels: [0, 1]}
"""
KEYS = (
    "method=ck4gen_private", "evaluation=fast", "method.release.pool=1000",
    "method.release.iterations=2", "method.calibration.steps=5",
)  # fmt: skip
ROWS, TEN = 160, 10
SHARED = {
    "synthetic.csv", "codebook.yaml", "README.txt", "about.html", "about.json", "croissant.json",
    "health_dcat.jsonld",
}  # fmt: skip


def cohort():
    """The last row is one of ten with Z, and is odd wherever it can be."""
    generator = np.random.default_rng(0)
    age = generator.integers(40, 90, ROWS)
    frame = pd.DataFrame(
        {
            "patient": [f"P{i}" for i in range(ROWS)],
            "age": age.astype(str),
            "marker": [f"{m:.1f}".replace(".", ",") for m in generator.uniform(1, 9, ROWS)],
            "grp": [*generator.choice(["A", "B"], ROWS - TEN), *["Z"] * TEN],
            "treated": generator.integers(0, 2, ROWS).astype(str),
            "days": generator.exponential(20000 / age, ROWS).clip(1, 1400).astype(int).astype(str),
            "died": generator.choice(["dead", "alive"], ROWS),
        }
    )
    frame.loc[ROWS - 2, ["patient", "age", "marker"]] = ["Total", "", "-9"]
    frame.loc[ROWS - 1, ["age", "marker", "died"]] = ["old", "1.234", "Dead"]
    return frame


@pytest.mark.slow
def test_every_file_is_the_same_with_a_patient_and_without(tmp_path, monkeypatch):
    monkeypatch.setattr(synthesized, "secret_seed", lambda secret, seed: seed)
    public = tmp_path / "public.yaml"
    public.write_text(PUBLIC)
    quick = {"release": {"pool": 1000, "iterations": 2}, "calibration": {"steps": 5}}
    data = FrameDataModule(cohort(), "days", "died", public=public)
    release = PrivateCK4Gen(public=str(public), epsilon=8, **quick).fit(data).files[RELEASE]
    (tmp_path / RELEASE).write_text(release)
    keys = (*KEYS, f"method.stored={tmp_path / RELEASE}")

    cohort().to_csv(tmp_path / "all.csv", sep=";", index=False)
    ck4gen.synthesize(tmp_path / "all.csv", "days", "died", out=tmp_path / "with", keys=keys)
    less = cohort().iloc[:-1]
    made = ck4gen.synthesize(less, "days", "died", out=tmp_path / "without", keys=keys)

    assert {file.name for file in (tmp_path / "with" / "share").iterdir()} == SHARED
    for name in SHARED:
        texts = [(tmp_path / run / "share" / name).read_bytes() for run in ("with", "without")]
        assert texts[0] == texts[1], name
    assert set(made.table["died"]) == {"dead", "alive"}
    assert set(made.table) == set(cohort()) - {"patient"}
    real = pd.read_csv(tmp_path / "with" / "keep" / "real.csv")
    assert len(real) == ROWS  # no row is one of totals
    assert real["marker"].isna().sum() == 2
