"""The two training stages: distillation recovers the teacher, checkpoints load back."""

import warnings
from dataclasses import asdict

import numpy as np
import pytest
import torch
from pytorch_lightning import LightningModule, Trainer

from ck4gen.config import defaults
from ck4gen.data.benchmarks.actg320 import ACTG320DataModule
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.data.user_table import FrameDataModule
from ck4gen.methods.ck4gen.ck4gen import CK4Gen
from ck4gen.methods.ck4gen.fitting import soft_targets
from ck4gen.methods.draw import Draw
from ck4gen.models.decoder_module import DecoderModule
from ck4gen.models.encoder_module import EncoderModule
from ck4gen.models.joint_module import JointModule
from ck4gen.models.training import EXPECTED_WARNINGS, TrainerSettings, Training
from ck4gen.survival.teacher import CoxTeacher

SHORT = {"encoder": {"steps": 40}, "decoder": {"steps": 40}}
TRAINER = TrainerSettings(**{**defaults()["trainer"], "accelerator": "cpu", "steps_per_epoch": 20})


@pytest.mark.slow
def test_one_component_on_the_input_recovers_the_teachers_coefficients():
    data = WHAS500DataModule()
    method = CK4Gen(
        encoder={
            "components": 1, "hidden": [], "latent": 0, "steps": 200, "learning_rate": 0.05,
        },
        decoder={"steps": 1},
    )  # fmt: skip
    method.fit(data, training=Training(TRAINER, seed=0))
    teacher = CoxTeacher(method.teacher_settings).fit(data.cohort)
    expected = teacher.coefficients.to_numpy() * data.encode("boxcox").scaler.scale_
    found = method.encoder.dcm.hazard.weight[0].detach().numpy()
    np.testing.assert_allclose(found, expected, atol=0.005)
    assert method.diagnostics["distillation/spearman"] > 0.9999


@pytest.mark.slow
def test_distillation_keeps_the_ranking_where_events_are_few():
    """ACTG320 has 8 % events: a loss on S(t|x) itself collapses there."""
    data = ACTG320DataModule()
    method = CK4Gen(decoder={"steps": 1}).fit(data, training=Training(TRAINER, seed=0))
    assert method.diagnostics["distillation/spearman"] > 0.99
    assert abs(method.diagnostics["distillation/c_index_gap"]) < 0.005


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    data = WHAS500DataModule()
    training = Training(TRAINER, seed=0, checkpoints=folder)
    return CK4Gen(**SHORT).fit(data, training=training), data, folder


def test_checkpoints_load_back_weights_only(trained):
    method, data, folder = trained
    encoder = EncoderModule.load_from_checkpoint(folder / "encoder.ckpt", weights_only=True)
    decoder = DecoderModule.load_from_checkpoint(folder / "decoder.ckpt", weights_only=True)
    x = data.encode("boxcox").tensors["x"]
    with torch.no_grad():
        torch.testing.assert_close(encoder.eval()(x), method.encoder(x), rtol=0, atol=0)
        latent = method.encoder(x)
        torch.testing.assert_close(decoder.eval()(latent), method.decoder(latent), rtol=0, atol=0)


def test_latent_is_standardised_on_the_training_rows(trained):
    method, data, _ = trained
    with torch.no_grad():
        latent = method.encoder(data.encode("boxcox").tensors["x"])
    torch.testing.assert_close(latent.mean(0), torch.zeros(latent.shape[1]), atol=1e-4, rtol=0)
    torch.testing.assert_close(latent.std(0), torch.ones(latent.shape[1]), atol=1e-4, rtol=0)


def test_decoding_leaves_the_encoder_frozen(trained):
    method, _, folder = trained
    saved = torch.load(folder / "encoder.ckpt", weights_only=True)["state_dict"]
    for name, value in method.encoder.state_dict().items():
        torch.testing.assert_close(value, saved[name], rtol=0, atol=0)


@pytest.mark.slow
def test_the_weighted_likelihood_is_learnt():
    data = WHAS500DataModule()
    data.setup()
    scores = []
    for weight in (0.0, 1.0):
        method = CK4Gen(
            encoder={"steps": 80, "likelihood_weight": weight}, decoder={"steps": 1}
        ).fit(data, training=Training(TRAINER, seed=0))
        module, batch = method.encoder, data.encode("boxcox").tensors
        interval, share = module._position(batch["duration"])
        with torch.no_grad():
            likelihood = module.dcm.log_likelihood(batch["x"], interval, share, batch["event"])
        scores.append(likelihood.mean().item())
    assert scores[1] > scores[0] + 0.01


def test_teacher_curve_is_breslow_at_the_mean():
    data = WHAS500DataModule()
    data.setup()
    method = CK4Gen()
    teacher = CoxTeacher(method.teacher_settings).fit(data.cohort)
    targets = asdict(soft_targets(method, data.cohort, teacher, data.encode("boxcox")))
    hazard = np.exp(targets["log_hazard"])
    assert (np.diff(hazard) > 0).all()
    # expected events at mean risk equal observed ones only on average; the curve ends at H(T)
    assert hazard[-1] == pytest.approx(teacher.baseline.iloc[-1])


@pytest.mark.slow
@pytest.mark.parametrize("weight", [1.0, 0.0])
def test_joint_training_learns_both_or_the_autoencoder_alone(weight, tmp_path):
    data = WHAS500DataModule()
    method = CK4Gen(
        training="joint", encoder={"distillation_weight": weight}, decoder={"steps": 150}
    ).fit(data, training=Training(TRAINER, seed=0, checkpoints=tmp_path))
    spearman = method.diagnostics["distillation/spearman"]
    assert spearman > 0.98 if weight else abs(spearman) < 0.9
    assert method.steps == 150
    loaded = JointModule.load_from_checkpoint(tmp_path / "joint.ckpt", weights_only=True).eval()
    x = data.encode("boxcox").tensors["x"]
    with torch.no_grad():
        expected = method.decoder(method.encoder(x))
        torch.testing.assert_close(loaded.decoder(loaded.encoder(x)), expected, rtol=0, atol=0)
        error = (expected - data.encode("boxcox").tensors["record"]).abs().mean()
    assert error < 0.1


@pytest.mark.slow
def test_noise_moves_patients_and_is_reproducible():
    data = WHAS500DataModule()
    still, noisy = (
        CK4Gen(noise=noise, **SHORT).fit(data, training=Training(TRAINER, seed=0))
        for noise in (0.0, 1.0)
    )
    assert noisy.sample(seed=1).equals(noisy.sample(seed=1))
    # two rows from one patient are the same without noise, and differ with it
    for method, distinct in ((still, False), (noisy, True)):
        rows = method.sample(n=1000, seed=0)
        rows["source"] = method.source(Draw(500, 1000, 0))
        spread = rows.groupby("source")["bmi"].nunique().max()
        assert (spread > 1) == distinct


class Mean(LightningModule):
    """A network of somebody's own: it learns one number, the mean of the standardised design."""

    def __init__(self):
        super().__init__()
        self.guess = torch.nn.Parameter(torch.ones(()))

    def training_step(self, batch, _):
        return (batch["x"] - self.guess).square().mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.5)


def frame_module():
    train = WHAS500DataModule()
    train.setup()
    return FrameDataModule(train.train, "duration", "event").lightning()


@pytest.mark.parametrize("make", [WHAS500DataModule, frame_module])
def test_a_cohort_feeds_a_trainer_of_ones_own(make):
    mean = Mean()
    quiet = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar"), False)
    trainer = Trainer(max_steps=1, accelerator="cpu", enable_model_summary=False, **quiet)
    with warnings.catch_warnings():
        for message in EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", message=message)
        trainer.fit(mean, datamodule=make())
    assert trainer.global_step == 1
    assert mean.guess.item() == pytest.approx(0, abs=1e-6)  # one step of Newton's
