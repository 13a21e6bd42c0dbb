"""Two processes that share every batch train what one trains alone."""

import sys

import pandas as pd
import pytest
import torch
from pytorch_lightning.loggers import CSVLogger

from ck4gen.config import defaults
from ck4gen.data.user_table import FrameDataModule
from ck4gen.methods.ck4gen.ck4gen import CK4Gen
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import InputError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks processes")

STEPS = 12  # more, and the rounding of sums grows into other weights
BRIEF = {"encoder": {"steps": STEPS}, "decoder": {"steps": STEPS}}


def trained(cohort, trainer, folder, **keys):
    """A fit, its stages, its curves, and a number drawn after it."""
    settings = {**defaults(f"trainer={trainer}")["trainer"], "accelerator": "cpu"}
    curves = CSVLogger(folder, trainer, "")
    training = Training(
        TrainerSettings(**settings | {"steps_per_epoch": 4}), 3, b"secret", loggers=(curves,)
    )
    data = FrameDataModule(cohort, "days", "died")
    method = CK4Gen(**keys).fit(data, training=training)
    read = pd.read_csv(f"{curves.log_dir}/metrics.csv")
    return method, training.finished, read, torch.rand(1).item()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "batch", "near"), [(150, None, 1e-4), (151, 100, 1e-4), (151, None, 0.15)]
)
def test_they_train_what_one_trains_alone(cohort, tmp_path, rows, batch, near):
    """The mean of two shares is that of their rows, or nearly, where one has a row more."""
    keys = {part: {**BRIEF[part], "batch_size": batch} for part in BRIEF}
    cohort = cohort.iloc[:rows]
    alone, stages, curves, after = trained(cohort, "default", tmp_path, **keys)
    shared, same_stages, same_curves, same_after = trained(cohort, "ddp", tmp_path, **keys)
    assert [*same_stages] == [*stages]
    for name, stage in stages.items():
        for key, weight in stage.weights.items():
            apart = (same_stages[name].weights[key] - weight).norm()
            assert apart <= near * weight.norm(), f"{name} {key}"
    assert len(curves) == 2 * STEPS / 4
    pd.testing.assert_frame_equal(same_curves, curves, atol=0.2)  # of half of the rows
    assert same_after == after
    table, same_table = (method.sample(seed=1) for method in (alone, shared))
    assert (table["smoker"] == same_table["smoker"]).mean() > 0.98


def test_several_devices_need_a_strategy():
    settings = defaults()["trainer"] | {"devices": 2}
    with pytest.raises(InputError, match="trainer=ddp has both"):
        TrainerSettings(**settings)
