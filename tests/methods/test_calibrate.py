"""Calibration of any generator: by its noise, or by the choice among its rows."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from lifelines import CoxPHFitter

from ck4gen import InputError, calibrate
from ck4gen.calibration.condition import SyntheticOutcomes, SyntheticTable
from ck4gen.calibration.conditions import Conditions
from ck4gen.calibration.outcome_conditions import OutcomeConditions, outcome_shares
from ck4gen.calibration.row_selection import _linear, exchange, taken
from ck4gen.calibration.settings import CONDITIONS, RowSelectionSettings
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.data.table_files import as_written
from ck4gen.data.user_table import FrameDataModule
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.experiments.prepare import synthesizer
from ck4gen.methods.arf import ARF
from ck4gen.methods.base import Synthesizer
from ck4gen.methods.bootstrap import Bootstrap
from ck4gen.methods.calibration_target import CalibrationTarget
from ck4gen.methods.ck4gen.ck4gen import CK4Gen
from ck4gen.methods.ck4gen.residuals import SampledResiduals
from ck4gen.methods.gan import GAN
from ck4gen.methods.independent import Independent
from ck4gen.methods.reselected import Reselected
from ck4gen.methods.vae import VAE
from ck4gen.survival.cox import fit_cox
from conftest import compose

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:method.guard.noise is 0"),
]

FEW = {"conditions": {"cox": 0.03, "moments": 0.15}}  # enough to see, and fast
SHORT = {"steps": 20}
OPEN = {"noise": 0.0, "cap": None}  # no guard: the hazard ratios of the cohort itself are kept


class Jitter(Synthesizer):
    """A user's own method: patients with noise on their age and the event times of others."""

    def _fit(self, data, training):
        self.sd = 5.0

    def _sample(self, draw):
        n, seed = draw.n, draw.seed
        generator, train = np.random.default_rng(seed), self.data.train
        table = train.iloc[generator.integers(0, len(train), n)].reset_index(drop=True)
        table["age"] = (table["age"] + self.sd * generator.normal(size=n)).round().astype(int)
        swapped = generator.random(n) < 0.3  # which halves what covariates tell of times
        table.loc[swapped, [DURATION, EVENT]] = train[[DURATION, EVENT]].sample(
            swapped.sum(), replace=True, random_state=seed
        ).to_numpy()  # fmt: skip
        return table


def fit(method, frame):
    return method.fit(frame, duration="days", event="died", secret=bytes(32))


def error(table, method):
    """Largest error of a refitted log hazard ratio, in real standard errors."""
    schema, train = method.data.schema, method.data.train
    table = table.rename(columns={"days": DURATION, "died": EVENT})
    parts = train, as_written(table, schema)
    fits = [fit_cox(schema.design(part), part[DURATION], part[EVENT]) for part in parts]
    gap = (fits[1].coefficients - fits[0].coefficients).abs() / fits[0].standard_errors
    return gap.max()


@pytest.mark.parametrize("make", [Independent, Jitter, Bootstrap])
def test_hazard_ratios_that_are_off_are_met_by_the_choice_of_rows(make, cohort):
    method = fit(make(), cohort)
    calibrated = calibrate(method, calibration=FEW | {"steps": 60}, guard=OPEN)
    table = calibrated.sample(seed=1)
    assert error(method.sample(seed=1), method) > 0.7
    found = error(table, method)
    assert found <= 0.2
    assert calibrated.diagnostics["calibration/max_z"] == pytest.approx(found)
    assert calibrated.diagnostics["calibration/met"] == 1
    assert 0 < calibrated.diagnostics["calibration/replaced"] < 1
    # the method itself is as it was, and its rows are taken as they are, none more often than made
    assert "calibration/max_z" not in method.diagnostics
    assert list(table) == list(cohort)
    assert (table.dtypes == method.sample(seed=1).dtypes).all()
    made = method.sample(5 * len(cohort), seed=1).value_counts()
    assert (table.value_counts() <= made.reindex(table.value_counts().index)).all()


def test_same_seed_same_table_and_any_number_of_rows(cohort):
    calibrated = calibrate(fit(Jitter(), cohort), calibration=FEW | {"steps": 20})
    table = calibrated.sample(n=150, seed=2)
    assert len(table) == 150
    pd.testing.assert_frame_equal(table, calibrated.sample(n=150, seed=2))
    assert not table.equals(calibrated.sample(n=150, seed=3))
    with pytest.raises(InputError, match="a calibrated cohort has 2 rows at least"):
        calibrated.sample(n=1)


@pytest.mark.parametrize(
    ("make", "outcomes"), [(VAE, "generated"), (VAE, "copied"), (GAN, "generated")], ids=str
)
def test_noise_is_moved_where_there_is_noise(make, outcomes, cohort):
    method = fit(make(outcomes=outcomes, network=SHORT), cohort)
    weights = deepcopy(method.module.state_dict())
    moves = FEW | {"steps": 60, "learning_rate": 0.05}
    calibrated = calibrate(method, calibration=moves, guard=OPEN)
    assert isinstance(calibrated, make)
    table = calibrated.sample(seed=1)
    assert error(table, method) <= 0.2 < error(method.sample(seed=1), method)
    assert calibrated.diagnostics["calibration/largest_shift"] > 0
    pd.testing.assert_frame_equal(table, calibrated.sample(seed=1))
    assert (table.dtypes == cohort.dtypes).all()
    assert all(torch.equal(weights[name], w) for name, w in method.module.state_dict().items())
    # configured instead of wrapped: the same networks, the same table
    keys = {"network": SHORT, "outcomes": outcomes, "calibration": moves, "guard": OPEN}
    pd.testing.assert_frame_equal(table, fit(make(**keys), cohort).sample(seed=1))


@pytest.mark.filterwarnings("ignore:calibration was not met")
def test_ck4gen_is_calibrated_by_its_noise_if_it_has_some(cohort):
    short = {"encoder": {"steps": 20}, "decoder": {"steps": 20, "learning_rate": 0.003}}
    published = fit(CK4Gen(**short), cohort)
    noisy = fit(CK4Gen(noise=0.7, residuals=SampledResiduals(joint=False), **short), cohort)
    search = {"steps": 2, "least_norm_steps": 0, "redraws": 0, "learning_rate": 0.04}
    few = FEW | search | {"alone_above": 99}
    assert isinstance(calibrate(published, calibration=few), Reselected)
    assert isinstance(calibrate(noisy, calibration=few, by="selection"), Reselected)
    moved = calibrate(noisy, calibration=few)
    moved.sample(seed=0)
    assert moved.diagnostics["calibration/steps"] == 4  # in two rounds
    assert noisy.sampler.calibration is None
    configured = CK4Gen("ck4gen_calibrated", quantile_group=None, calibration=few, **short)
    pd.testing.assert_frame_equal(fit(configured, cohort).sample(seed=0), moved.sample(seed=0))


@pytest.mark.parametrize("rows", [None, 400])
def test_a_cohort_without_hazard_ratios_keeps_those_of_its_penalised_model(rows, cohort):
    """A stage without events; the ridge of lifelines counts by the row, so it fits any n."""
    spared = cohort["died"].eq(0) & cohort["stage"].eq("late") | (cohort.index < 15)
    cohort = cohort.assign(
        stage=cohort["stage"].where(~spared, "cured"), died=cohort["died"].where(~spared, 0)
    )
    method = fit(Jitter(), cohort)
    with pytest.raises(InputError, match=r"set method\.teacher\.penalizer above 1e-06"):
        calibrate(method, teacher={"penalizer": 1e-6})
    keys = {"teacher": {"penalizer": 0.05}, "calibration": FEW | {"steps": 60}, "guard": OPEN}
    calibrated = calibrate(method, **keys)
    table = calibrated.sample(n=rows, seed=1)
    schema, fits = method.data.schema, []
    for part in (cohort, table):
        part = part.rename(columns={"days": DURATION, "died": EVENT})
        frame = schema.design(part).join(part[[DURATION, EVENT]])
        fits.append(CoxPHFitter(penalizer=0.05).fit(frame, DURATION, EVENT))
    gap = (fits[1].params_ - fits[0].params_).abs() / fits[0].standard_errors_
    assert gap.max() <= 0.2
    assert calibrated.diagnostics["calibration/max_z"] == pytest.approx(gap.max(), abs=1e-3)


def test_what_is_not_met_is_said(cohort):
    short = FEW | {"steps": 10}
    calibrated = calibrate(fit(Independent(), cohort), calibration=short | {"max_error": 0.0})
    with pytest.warns(
        UserWarning, match="calibration was not met: the hazard ratio of .* is off by"
    ):
        calibrated.sample(seed=0)
    assert calibrated.diagnostics["calibration/met"] == 0
    thin = calibrate(fit(Independent(), cohort), calibration=short | {"min_information": 100.0})
    with pytest.warns(UserWarning, match="of the real information in its weakest direction"):
        thin.sample(seed=0)
    assert thin.diagnostics["calibration/met"] == 0


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"by": "rows"}, "by is 'rows'; choose one of auto, noise, selection"),
        ({"by": "noise"}, "by is 'noise', and Bootstrap has none to move; use by='selection'"),
        ({"teacher": {"ridge": 1}}, "method.teacher has no key 'ridge'; its keys are penalizer"),
        ({"calibration": {"step": 1}}, "method.calibration has no key 'step'; its keys are"),
        ({"reselection": {"pol": 3}}, "method.reselection has no key 'pol'; its keys are pool"),
        ({"reselection": {"pool": 1}}, "method.reselection.pool is 1; it must be a whole number"),
    ],
)
def test_wrong_keys_name_the_right_ones(keys, sentence, cohort):
    with pytest.raises(InputError) as raised:
        calibrate(fit(Bootstrap(), cohort), **keys)
    assert sentence in str(raised.value)


def test_what_cannot_be_calibrated_is_refused(cohort):
    with pytest.raises(InputError, match="the method is not fitted"):
        calibrate(Bootstrap())
    with pytest.raises(InputError, match="calibrate takes a Synthesizer, and was given a value"):
        calibrate(cohort)
    with pytest.raises(InputError, match="generator is of type str; it must be a Synthesizer"):
        Reselected("cart")
    safe = ((cohort["died"] == 0) & (np.arange(len(cohort)) % 2 == 0)).astype(int)
    separated = fit(Bootstrap(), cohort.assign(safe=safe))
    with pytest.raises(InputError, match="the Cox model to calibrate to cannot be fitted"):
        calibrate(separated, teacher={"strengths": []})
    with pytest.raises(InputError, match="reselection is given, and noise is moved"):
        calibrate(fit(VAE(network={"steps": 1}), cohort), reselection={"pool": 3})


def toy(duration, event):
    return WeightedCohort.of(pd.DataFrame({DURATION: duration, EVENT: event}), Schema(()))


def test_outcome_shares_are_counts_of_events_and_of_censored_rows():
    duration = np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
    event = np.array([1, 0, 1, 0, 1, 0, 1, 0])
    shares = list(outcome_shares(toy(duration, event), points=2, group=2))

    def errors(weight):
        outcomes = SyntheticOutcomes(duration, event)
        return OutcomeConditions(shares).errors(SyntheticTable(None, outcomes, None, weight))

    # the median of 1, 3, 5, 7 and of 2, 4, 6, 8 is the mean of its two neighbours
    assert [(s.kind, s.until, s.share) for s in shares] == [
        (1, 4.0, 2 / 8), (1, np.inf, 4 / 8), (0, 5.0, 2 / 8), (0, np.inf, 4 / 8),
    ]  # fmt: skip
    assert shares[0].error == pytest.approx(np.sqrt(0.25 * 0.75 / 8))
    assert errors(torch.ones(8, dtype=torch.float64)).abs().max() == 0
    without_late = torch.tensor([1.0, 1, 1, 1, 0, 0, 0, 0], dtype=torch.float64)
    found = errors(without_late)
    assert found[0] == pytest.approx((2 / 4 - 2 / 8) / shares[0].error)
    assert not list(outcome_shares(toy(duration, np.ones(8)), points=1, group=2))  # nothing varies


@pytest.fixture
def candidates(cohort):
    """Conditions of a cohort, and the errors of a choice among rows drawn from it."""
    data = FrameDataModule(cohort, "days", "died", 10)
    data.setup()
    conditions = Conditions.of(data.cohort, {1: 0.0}, list(CONDITIONS), 20, 10, 5, 150)
    pool = data.train.sample(300, replace=True, random_state=0)
    design = conditions.analysis.standardise(data.schema.design(pool)).to_numpy()
    return conditions, torch.from_numpy(design), pool


def test_weights_of_zero_and_one_are_the_errors_of_the_rows_that_are_left(candidates):
    conditions, design, pool = candidates
    inside = np.random.default_rng(1).random(len(pool)) < 0.5
    outcome = pool[DURATION].to_numpy(float), pool[EVENT].to_numpy()
    weighted = conditions.residuals(*outcome)(design, torch.from_numpy(inside.astype(float)))
    left = conditions.residuals(*(o[inside] for o in outcome))(design[inside])
    # none competes, no generator, no blanks
    assert set(weighted) == set(CONDITIONS) - {"causes", "triples", "shares", "complete_cases"}
    for name, errors in left.items():
        assert torch.allclose(weighted[name], errors, atol=1e-9), name


def test_linear_model_of_the_errors_is_that_of_a_small_change_of_weight(candidates):
    conditions, design, pool = candidates
    outcome = pool[DURATION].to_numpy(float), pool[EVENT].to_numpy()
    errors, chosen = conditions.residuals(*outcome), np.arange(len(pool)) % 2 == 0
    scales = dict.fromkeys(CONDITIONS, 1e6)  # all met: every condition weighs the same
    value, effect = _linear(lambda w: errors(design, w), chosen, scales)
    swapped = chosen.copy()
    swapped[[0, 1]] = False, True
    after, _ = _linear(lambda w: errors(design, w), swapped, scales)
    predicted = effect[1] - effect[0]
    assert np.corrcoef(after - value, predicted)[0, 1] > 0.99


def test_taken_are_the_highest_and_an_exchange_finds_the_sum_that_is_wanted():
    priority = torch.tensor([[0.1], [2.0], [-1.0], [0.5]], requires_grad=True)
    weight = taken(priority, 2)
    assert weight.tolist() == [0, 1, 0, 1]
    weight.sum().backward()
    assert (priority.grad == 1).all()
    values = torch.arange(10, dtype=torch.float64)
    settings = RowSelectionSettings(pool=2, linearisations=3, exchanges=10, shortlist=10)
    chosen, sizes = exchange(
        lambda w: {"cox": (w @ values - 20)[None]}, np.arange(10) < 4, {"cox": 0.1}, settings
    )
    assert chosen.sum() == 4
    assert values[torch.from_numpy(chosen)].sum() == 20
    assert sizes == {"cox": 0}


@pytest.mark.parametrize(
    ("keys", "name", "generator"),
    [
        (["method@method.generator=vae"], "vae_reselected", "VAE"),
        (
            ["method=reselected", "method@method.generator=bootstrap"],
            "bootstrap_reselected",
            "Bootstrap",
        ),
    ],
)
def test_any_method_is_reselected_by_its_configuration(keys, name, generator):
    config = compose("train", "method=reselected", *keys)
    leaf = compose("train", "method=arf_reselected")
    assert leaf.method.name == "arf_reselected"
    assert isinstance(synthesizer(leaf).generator, ARF)
    assert config.method.name == name
    method = synthesizer(config)
    assert isinstance(method, Reselected)
    assert type(method.generator).__name__ == generator
    assert method.contains_real == (generator == "Bootstrap")
    assert method.settings.pool == 5
    costly = {"leave_one_out", "strata", "ranks", "information"}  # cost more than they buy
    left_out = costly | {"censored"}  # outcomes of a pool stay
    assert set(method.target.calibration.scales) == set(CONDITIONS) - left_out
    assert "outcomes" not in CalibrationTarget.of("vae_calibrated", None, None).calibration.scales


@pytest.mark.filterwarnings("ignore:calibration was not met")
@pytest.mark.parametrize("route", ["vae", "ck4gen", "selection"])
def test_uncalibrated_is_the_same_fit(route, cohort):
    made = {
        "vae": lambda: VAE(network={"steps": 30}, calibration=FEW | {"steps": 3}),
        "ck4gen": lambda: CK4Gen(
            "ck4gen_free",
            calibration={"steps": 20, "conditions": {"cox": 1e-3}},
            encoder={"steps": 30},
            decoder={"steps": 30},
        ),
        "selection": lambda: Reselected(Independent(), calibration=FEW | {"steps": 3}),
    }
    calibrated = fit(made[route](), cohort)
    plain = calibrated.uncalibrated()
    assert plain.uncalibrated() is None
    table = plain.sample(seed=0)
    assert not any(name.startswith("calibration/") for name in plain.diagnostics)
    assert not table.equals(calibrated.sample(seed=0))
    assert calibrated.diagnostics["calibration/met"] in (0, 1)
    if route != "selection":  # noise moved back to where it was drawn
        again = calibrate(plain, calibration=FEW | {"steps": 1}, by="noise")
        assert again.uncalibrated().sample(seed=0).equals(table)


def test_the_kept_hazard_ratios_carry_the_noise_of_the_guard(cohort):
    """The numbers that are calibrated to spread over secrets as half a bootstrap does."""
    method = fit(Bootstrap(), cohort)
    kept = []
    for secret in range(40):
        training = replace(method.training, secret=bytes([secret]) * 32)
        conditions, guarded = CalibrationTarget.of("reselected", None, FEW).on(
            method.data, training
        )
        assert guarded.noise == 0.5
        kept.append(conditions.conditions.analysis.coefficients / conditions.conditions.analysis.sd)
    train = method.data.train
    real = fit_cox(method.data.schema.design(train), train[DURATION], train[EVENT])
    spread = (pd.DataFrame(kept) - real.coefficients) / real.standard_errors
    # the root mean square of 40 x 5 draws is within a tenth of .5 in 19 of 20 cases, and the
    # weights' own sandwich is up to a third off the model's standard errors at 200 rows
    assert 0.35 < np.sqrt((spread**2).to_numpy().mean()) < 0.65


def test_the_guard_of_a_calibrated_method_is_known_to_its_report(cohort):
    guarded = calibrate(fit(Jitter(), cohort), calibration=FEW | {"steps": 20})
    assert guarded.guard_noise == 0.5
    table = guarded.sample(seed=0)
    assert guarded.release.noise["hazard_ratios"] >= 0.25
    other = replace(guarded.generator.training, secret=b"another secret of 32 bytes length")
    guarded.generator.training = other
    again = calibrate(guarded.generator, calibration=FEW | {"steps": 20}).sample(seed=0)
    assert not again.equals(table)
    vae = calibrate(fit(VAE(network=SHORT), cohort), calibration=FEW)
    assert (vae.guard_noise, vae.uncalibrated().guard_noise) == (0.5, 0)
    free = fit(CK4Gen("ck4gen_free", encoder={"steps": 5}, decoder={"steps": 5}), cohort)
    with pytest.raises(InputError, match="guard of a CK4Gen is its own"):
        calibrate(free, guard=OPEN)
