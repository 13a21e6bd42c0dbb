"""The prepared cohorts reproduce published hazard ratios and intervals within .01."""

import numpy as np
import pytest
from lifelines import CoxPHFitter

from ck4gen.data.benchmarks.actg320 import ACTG320DataModule
from ck4gen.data.benchmarks.flchain import FLChainDataModule
from ck4gen.data.benchmarks.gbsg2 import GBSG2DataModule
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.settings import InputError
from ck4gen.survival.cox import fit_cox

MODULES = {
    "gbsg2": GBSG2DataModule,
    "actg320": ACTG320DataModule,
    "whas500": WHAS500DataModule,
    "flchain": FLChainDataModule,
}

# hazard ratio, lower and upper 95% limit, as the CK4Gen group and the data's own papers print them
PUBLISHED = {
    "gbsg2": {
        "age[46-60]": (0.64, 0.45, 0.91),
        "age[>60]": (0.65, 0.41, 1.03),
        "menopause": (1.31, 0.94, 1.83),
        "size[21-30]": (1.22, 0.90, 1.65),
        "size[>30]": (1.31, 0.95, 1.79),
        "grade[II]": (1.74, 1.06, 2.85),
        "grade[III]": (1.75, 1.02, 3.03),
        "nodes[4-9]": (1.97, 1.51, 2.58),
        "nodes[>=10]": (3.50, 2.57, 4.75),
        "progesterone_lt20": (1.85, 1.39, 2.45),
        "oestrogen_lt20": (1.00, 0.76, 1.33),
        "hormone_therapy": (0.67, 0.52, 0.86),
    },
    "actg320": {
        "cd4_51_200": (0.41, 0.26, 0.64),
        "treatment": (0.50, 0.33, 0.77),
        "karnofsky_severity": (1.93, 1.53, 2.44),
        "age": (1.02, 1.00, 1.04),
        "male": (0.93, 0.53, 1.62),
        "months_prior_zdv": (1.00, 0.99, 1.01),
    },
    "whas500": {
        "age": (1.05, 1.04, 1.06),
        "bmi": (0.96, 0.93, 0.99),
        "gender": (0.76, 0.57, 1.01),
        "hr": (1.01, 1.00, 1.02),
        "sysbp": (1.00, 0.99, 1.01),
        "diasbp": (0.99, 0.98, 1.00),
        "cvd": (1.01, 0.71, 1.43),
        "afb": (1.14, 0.81, 1.59),
        "chf": (2.17, 1.62, 2.91),
        "miord": (1.04, 0.78, 1.40),
        "mitype": (0.85, 0.59, 1.23),
    },
    "flchain": {
        "age_decade": (2.55, 2.44, 2.67),
        "male": (1.30, 1.19, 1.42),
        "creatinine": (1.05, 0.95, 1.16),
        "top_decile": (1.39, 1.21, 1.60),
        "flc_decile": (1.05, 1.03, 1.07),
        "kappa": (1.03, 0.96, 1.10),
        "lambda": (1.13, 1.07, 1.20),
        "mgus": (1.14, 0.69, 1.88),
    },
}
SHAPE = {"gbsg2": (686, 299), "actg320": (1151, 96), "whas500": (500, 215), "flchain": (7874, 2169)}
SUBSETS = {
    "whas500": {
        "age": 1.06, "gender": 0.83, "bmi": 0.96, "sysbp": 1.00, "afb": 1.12, "chf": 2.42,
    },
    "flchain": {"top_decile": 2.14, "creatinine": 1.24, "age_decade": 2.61, "male": 1.29},
}  # fmt: skip


def ratios(table, schema, names=None):
    design = schema.design(table)
    fit = fit_cox(design[names or list(design)], table[DURATION], table[EVENT])
    half = 1.959964 * fit.standard_errors
    columns = [fit.coefficients, fit.coefficients - half, fit.coefficients + half]
    return dict(zip(fit.coefficients.index, np.exp(np.array(columns)).T, strict=True))


@pytest.fixture(scope="module", params=MODULES)
def prepared(request):
    data = MODULES[request.param]()
    data.setup()
    return request.param, data


def test_hazard_ratios_are_the_published_ones(prepared):
    name, data = prepared
    assert (len(data.train), data.train[EVENT].sum()) == SHAPE[name]
    ours = ratios(data.train, data.schema)
    assert list(ours) == list(PUBLISHED[name])
    for term, published in PUBLISHED[name].items():
        # published numbers carry a rounding error of .005 each
        np.testing.assert_allclose(np.round(ours[term], 2), published, atol=0.01001, err_msg=term)


@pytest.mark.parametrize("name", SUBSETS)
def test_smaller_models_reproduce_the_published_ratios(name):
    data = MODULES[name]()
    data.setup()
    ours = ratios(data.train, data.schema, list(SUBSETS[name]))
    for term, published in SUBSETS[name].items():
        assert round(ours[term][0], 2) == pytest.approx(published, abs=0.01001), term


def test_our_cox_agrees_with_lifelines_own_fit():
    data = GBSG2DataModule()
    data.setup()
    design = data.schema.design(data.train)
    frame = design.assign(T=data.train[DURATION], E=data.train[EVENT])
    theirs = CoxPHFitter().fit(frame, "T", "E")
    ours = fit_cox(design, data.train[DURATION], data.train[EVENT])
    np.testing.assert_allclose(ours.coefficients, theirs.params_, atol=1e-5)
    np.testing.assert_allclose(ours.standard_errors, theirs.standard_errors_, rtol=1e-5)


def test_imputing_with_the_event_gives_the_authors_creatinine():
    """The published 1.05 (.95-1.16) needs Event as a predictor, which we leave out on purpose."""
    from sklearn.impute import IterativeImputer

    data = FLChainDataModule()
    table = data.load().astype(float)
    filled = IterativeImputer(random_state=42).fit_transform(table[[*data.schema.names, EVENT]])
    table["creatinine"] = filled[:, data.schema.names.index("creatinine")]
    published = PUBLISHED["flchain"]["creatinine"]
    np.testing.assert_array_equal(np.round(ratios(table, data.schema)["creatinine"], 2), published)


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("coding", ["paper", "raw"])
def test_tables_are_complete_and_follow_their_schema(name, coding):
    data = MODULES[name](coding=coding)
    if (name, coding) == ("actg320", "raw"):  # 96 events, 12 terms
        with pytest.warns(UserWarning, match=r"8\.0 events per covariate"):
            data.setup()
    else:
        data.setup()
    table = data.train
    assert list(table) == data.schema.table_names
    assert not table.isna().any(axis=None)
    assert set(table[EVENT]) == {0, 1}
    for column in data.schema:
        values = set(table[column.name])
        if column.kind == "binary":
            assert values == {0, 1}
        elif column.kind == "categorical":
            assert values == set(column.levels)
            assert table[column.name].value_counts().min() >= 20
        else:
            assert len(values) > 2
            assert column.integer == all(float(v).is_integer() for v in values)


def test_flchain_keeps_its_three_deaths_on_day_zero():
    data = FLChainDataModule()
    data.setup()
    first = data.train[data.train[DURATION] == 0]
    assert (len(first), first[EVENT].sum()) == (3, 3)


def test_audit_split_is_stratified_and_disjoint():
    data = WHAS500DataModule(split="audit", split_seed=3)
    data.setup()
    whole = WHAS500DataModule()
    whole.setup()
    assert (len(data.train), len(data.holdout)) == (350, 150)
    assert data.holdout[EVENT].mean() == pytest.approx(whole.train[EVENT].mean(), abs=1 / 150)
    key = data.schema.table_names
    joined = np.vstack([data.train[key], data.holdout[key]])
    assert sorted(map(tuple, joined)) == sorted(map(tuple, whole.train[key].to_numpy()))
    other = WHAS500DataModule(split="audit", split_seed=4)
    other.setup()
    assert not other.holdout.equals(data.holdout)


def test_imputation_never_sees_the_held_out_rows():
    data = FLChainDataModule(split="audit")
    data.setup()
    changed = FLChainDataModule(split="audit")
    original = changed.load()
    kept = set(map(tuple, data.holdout[["kappa", "lambda", DURATION]].to_numpy()))
    rows = [tuple(row) in kept for row in original[["kappa", "lambda", DURATION]].to_numpy()]
    original.loc[rows, "kappa"] *= 100
    changed.load = lambda: original
    changed.setup()
    in_both = data.train.merge(changed.train, how="inner")
    assert len(in_both) >= len(data.train) - 5  # rows that share a key with a held-out one


def test_unknown_coding_and_split_name_the_right_ones():
    with pytest.raises(InputError, match=r"data.coding is 'x'; choose one of paper, raw"):
        GBSG2DataModule(coding="x")
    with pytest.raises(InputError, match="split is 'x'; choose one of release, audit"):
        GBSG2DataModule(split="x")


@pytest.mark.parametrize("coding", ["paper", "raw"])
def test_deciles_of_light_chains_are_those_of_the_total(coding):
    data = FLChainDataModule(coding=coding)
    data.setup()
    columns = {name: data.train[name].to_numpy() for name in data.schema.names}
    deciles = data.by_definition
    assert len(deciles) == (1 if coding == "raw" else 2)
    assert set(deciles) <= set(data.schema.rules)
    assert not any(rule.broken(columns).any() for rule in data.schema.rules)
