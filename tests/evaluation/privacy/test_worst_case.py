"""The attacker who knows every other patient."""

import numpy as np
import pytest

from ck4gen import load
from ck4gen.config import defaults
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.privacy.worst_case import NAMES, by_columns, by_hazard_ratios
from ck4gen.guard.release import Release
from ck4gen.settings import build

SETTINGS = build(EvaluationSettings, "evaluation", defaults()["evaluation"])
LIMITS = SETTINGS.verdict


@pytest.fixture(scope="module")
def data():
    return load("whas500")


def compared(data, synthetic) -> CoxComparison:
    return CoxComparison(data.train, synthetic, data.schema, SETTINGS)


def bootstrap(data, seed: int):
    rows = np.random.default_rng(seed).integers(0, len(data.train), len(data.train))
    return data.train.iloc[rows].reset_index(drop=True)


@pytest.mark.parametrize("attack", [by_hazard_ratios, by_columns])
def test_table_that_keeps_statistics_exactly_gives_everybody_away(data, attack):
    metrics = attack(compared(data, data.train), Release(), LIMITS)
    *areas, factor = metrics.values()
    assert all(area.value > 0.99 for area in areas)
    assert factor.reason == "more than 10 times"


@pytest.mark.parametrize(
    ("attack", "kind"), [(by_hazard_ratios, "hazard_ratios"), (by_columns, "columns")]
)
def test_noise_of_a_bootstrap_is_measured_on_its_tables(data, attack, kind):
    """d^2 has the mean K / n: area about Phi(sqrt(K / 2n)) for noise of 1."""
    means = [
        attack(compared(data, bootstrap(data, seed)), Release(), LIMITS)[
            f"privacy/worst_case/{kind}/mean"
        ].value
        for seed in range(6)
    ]
    known = attack(compared(data, bootstrap(data, 0)), Release({kind: 1.0}), LIMITS)
    exact = known[f"privacy/worst_case/{kind}/mean"].value
    # the noise is measured on 11 or 16 statistics: an SD of 21 % of its square, a table
    assert np.mean(means) == pytest.approx(exact, abs=0.012)
    assert 0.52 < exact < 0.56


def test_area_falls_with_noise_and_with_a_cap(data):
    comparison = compared(data, bootstrap(data, 0))
    name = "privacy/worst_case/hazard_ratios/max"
    areas = [
        by_hazard_ratios(comparison, Release({"hazard_ratios": noise**2}), LIMITS)[name].value
        for noise in (0.1, 0.3, 0.5, 1.0)
    ]
    assert sorted(areas, reverse=True) == areas
    everybody = dict.fromkeys(range(0, 500, 2), 0.5)
    capped = by_hazard_ratios(comparison, Release({"hazard_ratios": 0.25}, everybody), LIMITS)
    plain = by_hazard_ratios(comparison, Release({"hazard_ratios": 0.25}), LIMITS)
    assert (
        capped["privacy/worst_case/hazard_ratios/median"].value
        < plain["privacy/worst_case/hazard_ratios/median"].value
    )


def test_a_term_that_the_table_lost_is_read_where_the_noise_is_known(data):
    """As an indicator of few blanks, none of which has an event in the table."""
    lost = bootstrap(data, 0)
    lost = lost.assign(afb=lost["afb"] * (1 - lost["event"]))
    comparison, known = compared(data, lost), Release({"hazard_ratios": 0.25})
    assert comparison.pair.degenerate == ["afb"]
    found = by_hazard_ratios(comparison, known, LIMITS)
    whole = by_hazard_ratios(compared(data, bootstrap(data, 0)), known, LIMITS)
    assert {name: metric.value for name, metric in found.items()} == {
        name: metric.value for name, metric in whole.items()
    }
    with pytest.raises(ValueError, match="no estimate for afb"):
        by_hazard_ratios(comparison, Release(), LIMITS)


def test_a_term_that_hangs_on_one_patient_who_is_held_down_is_attacked_with_a_ridge(data):
    """Under the cap's weights it has no finite estimate; the patient counts for little in it."""
    table = data.train.assign(afb=0)
    died = table.index[table["event"] == 1][0]
    alive = table.index[table["event"] == 0][:9]
    table.loc[[died, *alive], "afb"] = 1
    comparison = CoxComparison(table, table, data.schema, SETTINGS)
    known = Release({"hazard_ratios": 0.25}, {int(died): 1e-12})
    found = by_hazard_ratios(comparison, known, LIMITS)
    alone = by_hazard_ratios(comparison, Release({"hazard_ratios": 0.25}), LIMITS)
    most = "privacy/worst_case/hazard_ratios/max"
    assert alone[most].value > 0.9
    assert 0.5 < found[most].value < alone[most].value


def test_so_much_more_noise_is_just_within_the_limits(data):
    comparison, noise = compared(data, bootstrap(data, 0)), 0.2

    def areas(noise: float):
        found = by_hazard_ratios(comparison, Release({"hazard_ratios": noise**2}), LIMITS)
        return [found[name].value for name in NAMES["hazard_ratios"]]

    def within(noise: float) -> bool:
        mean, _, _, most, *_ = areas(noise)
        return mean <= LIMITS.worst_case_mean and most <= LIMITS.worst_case_max

    factor = areas(noise)[-1]
    assert factor > 1.5
    assert within(noise * factor)
    assert not within(noise * (factor - 0.1))
    assert areas(noise * factor)[-1] == 1


def test_release_survives_a_report():
    release = Release({"columns": 0.3}, {4: 0.5})
    again = Release.from_state(release.to_state())
    assert again == release
    assert again.weight(6).tolist() == [1, 1, 1, 1, 0.5, 1]


def test_names_are_those_of_the_registry():
    from ck4gen.evaluation.base.registry import infos

    assert set(NAMES["columns"]) | set(NAMES["hazard_ratios"]) <= set(infos())


@pytest.mark.slow
def test_areas_are_those_of_fits_with_and_without_the_patient(data):
    """The formula against the attack itself: 150 noisy tables with, 150 without a patient."""
    from sklearn.metrics import roc_auc_score

    from ck4gen.data.weighted_cohort import WeightedCohort
    from ck4gen.guard.influence import area_under_curve, hazard_ratio_influence, leverages
    from ck4gen.guard.secret_weights import secret_weights
    from ck4gen.survival.cox import fit_cox

    def coefficients(table, weight):
        cohort = WeightedCohort.of(table, data.schema).weighted(weight)
        return fit_cox(cohort.design, table["duration"], table["event"], weights=cohort.weight)

    noise, train = 0.5, data.train
    plain = coefficients(train, np.ones(len(train)))
    influence = hazard_ratio_influence(plain, np.ones(500))
    spread = influence.T @ influence
    detected = leverages(influence, np.ones(len(train)), spread)
    order = np.argsort(detected)
    for patient in (order[-10], order[-60], order[250]):
        without = train.drop(index=patient).reset_index(drop=True)
        absent = coefficients(without, np.ones(len(without))).coefficients.to_numpy()
        direction = np.linalg.solve(spread, plain.coefficients.to_numpy() - absent)
        scores = [
            [
                coefficients(table, secret_weights(table, noise, b"k", number)).coefficients
                @ direction
                for number in range(150)
            ]
            for table in (train, without)
        ]
        found = roc_auc_score(np.repeat([1, 0], 150), np.concatenate(scores))
        expected = area_under_curve(detected[[patient]], noise)[0]
        # SD of an area from 150 pairs: about 0.033 near 0.6 (Hanley and McNeil 1982)
        assert found == pytest.approx(expected, abs=0.1)


def test_the_noise_of_several_tables_averages_out_but_not_that_of_one_private_release():
    assert Release({"columns": 0.5}).averaged(5).noise == {"columns": 0.1}
    private = Release({"columns": 0.5}, epsilon=3.0, delta=1e-5, mu=0.7)
    assert private.averaged(5) == private
