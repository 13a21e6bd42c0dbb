"""A search goes on from its journal, keeps its bounds, and says what it can't use."""

import pandas as pd
import pytest
from omegaconf import OmegaConf

from ck4gen.cli.main import main
from ck4gen.config import choices
from ck4gen.experiments.search import search, settings_of
from ck4gen.settings import InputError
from conftest import BRIEF, compose

SHORT = [
    "data=whas500", "trainer.limit_steps=10", "search.startup=2", "search.seeds=[0]",
    "evaluation=fast",
]  # fmt: skip


def config(output_dir, *overrides):
    return compose("search", *SHORT, f"output_dir={output_dir}", *overrides)


@pytest.mark.slow
def test_a_search_goes_on_as_if_it_had_not_been_interrupted(tmp_path):
    space = "search.space=[{key: method.noise, low: 0.0, high: 1.0}]"
    _, _, first = search(config(tmp_path / "a", space, "search.trials=2"))
    folder, _, again = search(config(tmp_path / "a", space, "search.trials=3"))
    _, _, whole = search(config(tmp_path / "b", space, "search.trials=3"))
    pd.testing.assert_frame_equal(again, whole)
    pd.testing.assert_frame_equal(again.iloc[:2].drop(columns="best"), first.drop(columns="best"))
    assert again["method.noise"].between(0, 1).all()
    assert again["method.noise"].nunique() == 3
    pd.testing.assert_frame_equal(pd.read_csv(folder / "trials.csv"), again)
    front = again[again["best"]]
    for metric in ("hazard/log_hr_z", "privacy/self_link"):  # nobody is better on both
        assert front[metric].min() == again[metric].min()


@pytest.mark.slow
def test_no_configuration_beyond_a_bound_is_on_the_front(tmp_path, capsys):
    keys = ["search.trials=2", "search.bounds=[{metric: hazard/log_hr_z, at_most: 0.0001}]"]
    main(["search", *SHORT, *keys, f"output_dir={tmp_path}"])
    assert "no configuration keeps the bounds" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("search=vae", "'method.network.latent', which is no key of this run"),
        ("search=ck4gen_free", "'method.guard.noise', which is no key of this run; name what meth"),
        ("method=cart", "no key of this run; name what method=cart has in search.space, search.o"),
        ("search.space=[{key: method.noise}]", "use {key, low, high, log} or {key, choices}"),
        ("search.bounds=[{cost: 1}]", "use {metric, at_most}"),
        pytest.param(
            "search.objectives=[hazard/x]",
            "there is no metric 'hazard/x' of search.objectives; there are hazard/causes/...,",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "search.objectives=[hazard/off_target_z]",
            "hazard/off_target_z of search.objectives is null: ",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(override, sentence, tmp_path):
    with pytest.raises(InputError) as raised:
        search(config(tmp_path, override, "trainer.limit_steps=2"))
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ([], "privacy/self_link of search.objectives and search.bounds is null: synthetic rows"),
        (["search.objectives=[hazard/log_hr_z]"], "privacy/self_link of search.bounds is null"),
    ],
)
def test_links_of_rows_without_a_source_are_refused_before_the_fit(keys, sentence, tmp_path):
    with pytest.raises(InputError) as raised:
        search(config(tmp_path, "method=ck4gen_free", *keys))
    assert sentence in str(raised.value)
    assert str(raised.value).endswith("has, as search=ck4gen_free does")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("name", choices("search"))
def test_a_packaged_search_has_keys_of_the_method_of_its_name(name, tmp_path):
    method = compose("search", f"method={name}", f"search={name}")
    for key in settings_of(method).keys:
        assert OmegaConf.select(method, key) is not None


@pytest.mark.slow
def test_the_recommended_method_is_searched(tmp_path):
    keys = "method=ck4gen_free", "search=ck4gen_free", "search.trials=1", *BRIEF
    _, settings, table = search(config(tmp_path, *keys))
    assert table[settings.metrics].notna().all(axis=None)


@pytest.mark.slow
def test_another_bound_or_range_is_another_search(tmp_path):
    space = "search.space=[{key: method.noise, low: 0.0, high: HIGH}]"
    for high, bound in (("1.0", "0.5"), ("0.1", "0.5"), ("1.0", "0.0")):
        bounds = f"search.bounds=[{{metric: privacy/self_link, at_most: {bound}}}]"
        folder, _, table = search(
            config(tmp_path, "search.trials=1", space.replace("HIGH", high), bounds)
        )
        assert len(table) == 1
        assert (table["method.noise"] <= float(high)).all()
        assert table["best"].any() == (bound == "0.5")
    assert len(list(folder.parent.iterdir())) == 1  # one journal holds them all
