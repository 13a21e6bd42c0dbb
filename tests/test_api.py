"""The public names: two tables in, metrics and a verdict out; methods that come back from disk."""

import json

import html5lib
import numpy as np
import pandas as pd
import pytest

import ck4gen
from ck4gen import CK4Gen, InputError
from ck4gen.cli.main import main
from ck4gen.config import built
from ck4gen.evaluation.privacy.control_check import control_notes
from ck4gen.experiments.audit_tables import evaluation_settings
from ck4gen.methods.arf import ARF
from ck4gen.methods.bootstrap import Bootstrap
from ck4gen.methods.cart import CART
from ck4gen.methods.gan import GAN
from ck4gen.methods.resampling import Resampling
from ck4gen.methods.vae import VAE

FEW = {"steps": 20}
LOOSE = {"steps": 2, "conditions": {"cox": 0.05}}
OUTCOME = {"duration": "days", "event": "died"}


def parts(cohort):
    order = cohort.sample(frac=1, random_state=0)
    return order.iloc[:140].reset_index(drop=True), order.iloc[140:].reset_index(drop=True)


def test_every_public_name_is_there():
    for name in ck4gen.__all__:
        assert getattr(ck4gen, name) is not None
    assert set(ck4gen.__all__) == set(dir(ck4gen))
    with pytest.raises(AttributeError, match="no attribute 'forecast'"):
        _ = ck4gen.forecast


def test_a_benchmark_is_loaded_by_its_name_and_coding():
    assert ck4gen.load("gbsg2").train.shape == (686, 10)
    assert "horTh" in ck4gen.load("gbsg2", coding="raw").schema.names
    assert len(ck4gen.load("whas500", split="audit").holdout) == 150
    with pytest.raises(InputError, match=r"there is no data 'whas'; .* Did you mean 'whas500'"):
        ck4gen.load("whas")
    with pytest.raises(InputError, match=r"data.coding is 'row'; choose one of paper, raw"):
        ck4gen.load("gbsg2", coding="row")
    with pytest.raises(InputError, match=r"data=gbsg2 has no key codes; its keys are coding, spl"):
        ck4gen.load("gbsg2", codes="raw")
    with pytest.raises(InputError, match=r"data=csv needs path; give path="):
        ck4gen.load("csv")
    with pytest.raises(InputError, match=r"holdout is 1\.5; it lies between 0 and 1"):
        ck4gen.load("gbsg2", split="audit", holdout=1.5)


@pytest.mark.slow
def test_tables_that_leave_together_are_attacked_together(cohort, tmp_path, capsys):
    """A table that tells nothing does not pass for the copy that goes out beside it."""
    train, holdout = parts(cohort)
    generator = np.random.default_rng(0)
    shuffled = pd.DataFrame({c: generator.permutation(train[c]) for c in train})
    alone = ck4gen.audit(train, shuffled, holdout, **OUTCOME, level="fast")
    files = {"real": train, "one": shuffled, "two": train.sample(frac=1), "kept": holdout}
    for name, table in files.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    real, one, two, kept = (str(tmp_path / f"{name}.csv") for name in files)
    keys = ["--duration", "days", "--event", "died", "--level", "fast"]
    main(["audit", real, one, kept, "--further", two, *keys])
    assert "2 synthetic tables were attacked together" in capsys.readouterr().out
    report = json.loads((tmp_path / "one_audit" / "report.json").read_text())
    assert (report["rows"]["synthetic"], report["synthetic_tables"]) == (2 * len(train), 2)
    assert report["tables"]["synthetic-2"] == "two.csv"
    assert (alone.verdict["overall"], report["verdict"]["overall"]) == ("not tested", "fail")
    name = "hazard/log_hr_z"  # of the first table, whatever leaves with it
    assert report["metrics"][name]["value"] == alone.metrics[name].value
    lacking = files["two"].drop(columns="age")
    with pytest.raises(InputError, match="the synthetic-2 table lacks age"):
        ck4gen.audit(train, [shuffled, lacking], **OUTCOME)


def test_tables_made_anywhere_are_evaluated_under_their_own_names(cohort):
    train, holdout = parts(cohort)
    copy = train.sample(frac=1, random_state=1)
    metrics = ck4gen.evaluate(train, copy, **OUTCOME, holdout=holdout, level="fast")
    assert metrics["hazard/log_hr_z"].value == pytest.approx(0, abs=1e-6)
    assert metrics["survival/km_divergence"].value == pytest.approx(0, abs=1e-12)
    assert metrics["privacy/exact_copy"].value == 1
    without = ck4gen.evaluate(train, copy, **OUTCOME, level="fast")
    assert without["privacy/closer_to_train"].value is None
    assert "split=audit" not in str(without["privacy/closer_to_train"].value)


@pytest.mark.slow
def test_the_audit_fails_a_copy_and_not_a_permutation(cohort, tmp_path):
    train, holdout = parts(cohort)
    found = ck4gen.audit(
        train, train.sample(frac=1, random_state=1), holdout, **OUTCOME, level="fast"
    )
    assert found.verdict["overall"] == "fail"
    assert "Rows of this table are those of real patients" in str(found)
    generator = np.random.default_rng(0)
    shuffled = pd.DataFrame({c: generator.permutation(train[c]) for c in train})
    other = ck4gen.audit(train, shuffled, holdout, **OUTCOME, level="fast")
    assert other.verdict["overall"] == "not tested"  # fast leaves attacks out
    assert "Rows of this table" not in str(other)
    alone = ck4gen.audit(train, shuffled, **OUTCOME, level="fast")
    assert alone.verdict["reason"].startswith("no patients were held out")
    assert alone.metrics["hazard/log_hr_z"].value is not None
    alone.save(tmp_path / "audit")
    page = (tmp_path / "audit" / "audit.html").read_text(encoding="utf-8")
    assert "What cannot be known" in page
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    with pytest.raises(InputError, match="is there already"):
        alone.save(tmp_path / "audit")


@pytest.mark.slow
def test_files_of_any_maker_are_audited_by_the_command(cohort, tmp_path, capsys):
    cohort["stage"] = cohort["stage"].where(cohort["age"] > 40)  # blanks, kept
    cohort["died"] = cohort["died"].map({1: "dead", 0: "alive"})
    train, holdout = parts(cohort)
    synthetic = train.sample(frac=1, replace=True, random_state=1)
    files = []
    for name, table in (("real", train), ("made=1", synthetic), ("held", holdout)):
        files.append(str(tmp_path / f"{name}.csv"))
        table.to_csv(files[-1], index=False)
    options = ["--duration", "days", "--event", "died", "--level", "fast"]
    main(["audit", *files, *options, "--out", str(tmp_path / "out")])
    assert "privacy verdict: fail" in capsys.readouterr().out
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["rows"] == {"real": 140, "synthetic": 140, "holdout": 60}
    assert report["metrics"]["fidelity/invalid"]["value"] == 0
    synthetic.drop(columns="age").assign(died="1", zip=1).to_csv(files[1], index=False)
    with pytest.raises(SystemExit) as stopped:
        main(["audit", *files, *options, "--out", str(tmp_path / "other")])
    said = str(stopped.value)
    assert "the synthetic table lacks age, which the real table has" in said
    assert "the synthetic table has zip, which the real table lacks" in said
    assert not (tmp_path / "other").exists()
    main(["audit", "data=gbsg2", "--cfg", "job"])  # a bare word that is no file
    assert "split: audit" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"there is no such file: holdout table 'none\.csv'"):
        main(["audit", *files[:2], "none.csv", *options, "--out", str(tmp_path / "other")])


@pytest.mark.slow
def test_a_control_that_is_none_is_named(cohort):
    train, holdout = parts(cohort)
    shifted = holdout.assign(age=holdout["age"] + 15, marker=holdout["marker"] + 3)
    settings = evaluation_settings("full")
    schema = ck4gen.audit(train, train, **OUTCOME, level="fast").found.pair.schema
    rename = {"days": "duration", "died": "event"}
    real, same, other = (t.rename(columns=rename) for t in (train, holdout, shifted))
    assert control_notes(real, same, schema, settings) == []
    assert "a classifier tells them apart" in control_notes(real, other, schema, settings)[0]
    assert control_notes(real, real.head(50), schema, settings)[0].startswith("50 of the 50")


def test_a_table_that_lacks_a_column_is_refused_in_one_sentence(cohort):
    train, holdout = parts(cohort)
    with pytest.raises(InputError, match="the synthetic table lacks stage, which the real"):
        ck4gen.evaluate(train, train.drop(columns="stage"), **OUTCOME)
    with pytest.raises(InputError, match="the holdout table lacks died"):
        ck4gen.audit(train, train, holdout.drop(columns="died"), **OUTCOME)
    with pytest.raises(InputError, match="level is 'quick'; choose one of fast, full, large"):
        ck4gen.evaluate(train, train, **OUTCOME, level="quick")


@pytest.mark.parametrize("role", ["synthetic", "holdout"])
def test_no_rows_texts_and_infinities_are_refused_in_either_table(role, cohort):
    train, holdout = parts(cohort)

    def refused(change):
        tables = {"synthetic": train, "holdout": holdout}
        tables[role] = change(tables[role])
        with pytest.raises(InputError) as said:
            ck4gen.evaluate(train, **tables, **OUTCOME, level="fast")
        return str(said.value)

    assert "has too few rows: 0, and 2" in refused(lambda table: table.head(0))
    assert f"the {role} table: 'marker' holds 'tall' or the like in 1 rows" in refused(
        lambda table: table.assign(marker=["tall", *table["marker"].iloc[1:]])
    )
    both = refused(lambda table: table.assign(marker=np.inf, days=np.inf))
    assert "'marker' holds 'inf'" in both
    assert "rows of 'days' hold no time of at least 0" in both


def test_a_decimal_mark_that_is_a_guess_is_that_of_the_real_table(cohort):
    """25,540 alone may be 25540; the real column has 25.54."""
    frame = cohort.assign(age=cohort["age"] + 0.25)
    table = frame.assign(age=frame["age"].map("{:.3f}".format).str.replace(".", ","))
    found = ck4gen.audit(frame, table, **OUTCOME, level="fast").found.pair
    assert list(found.synthetic["age"]) == list(frame["age"])


@pytest.mark.parametrize("spelling", [{0: False, 1: True}, {0: "alive", 1: "dead"}])
def test_an_event_as_a_method_draws_it_is_that_of_the_real_table(spelling, cohort):
    """A fitted method draws 1 and 0, whatever the frame has."""
    frame = cohort.assign(died=cohort["died"].map(spelling))
    drawn = CART().fit(frame, **OUTCOME).sample(seed=1)
    assert set(drawn["died"]) == {0, 1}
    spelled = drawn.assign(died=drawn["died"].map(spelling))
    found, same = (
        ck4gen.evaluate(frame, table, **OUTCOME, level="fast")["hazard/log_hr_z"].value
        for table in (drawn, spelled)
    )
    assert found is not None
    assert found == same


def test_causes_as_a_method_draws_them_are_those_of_the_real_table(cohort):
    """A frame has one column of causes, and a drawn table a column beside the event."""
    frame = cohort.assign(died=cohort["died"] * np.resize([1, 2], len(cohort)))
    drawn = Bootstrap().fit(frame, **OUTCOME).sample(seed=1)
    assert set(drawn["died"]) == {0, 1}
    together = drawn.assign(died=drawn["cause"]).drop(columns="cause")
    apart, one = (ck4gen.evaluate(frame, t, **OUTCOME, level="fast") for t in (drawn, together))
    for name in ("hazard/log_hr_z", "hazard/causes/log_hr_z"):
        assert apart[name].value is not None
        assert apart[name].value == one[name].value


def test_a_covariate_may_be_called_event(cohort, tmp_path):
    frame = cohort.rename(columns={"marker": "event"})
    method = CART().fit(frame, **OUTCOME)
    assert set(method.sample(seed=1)) == set(frame)
    method.save(tmp_path / "method.pt")
    pd.testing.assert_frame_equal(
        ck4gen.load_method(tmp_path / "method.pt").sample(seed=1), method.sample(seed=1)
    )


def test_one_column_to_leave_out_is_a_name_like_a_stratum(cohort):
    train, holdout = parts(cohort)
    found = ck4gen.audit(train, train, holdout, **OUTCOME, level="fast", drop="marker")
    assert "marker" not in found.found.pair.schema.names


@pytest.mark.filterwarnings("ignore:calibration was not met")
@pytest.mark.parametrize(
    "make",
    [
        lambda: CK4Gen(encoder=FEW, decoder=FEW),
        lambda: CK4Gen("ck4gen_free", encoder=FEW, decoder=FEW, calibration=LOOSE),
        lambda: VAE(network=FEW),
        pytest.param(lambda: GAN(network=FEW), marks=pytest.mark.slow),
        CART,
        ARF,
        lambda: Resampling("smotenc"),
    ],
    ids=["published", "free", "vae", "gan", "cart", "arf", "smotenc"],
)
def test_a_saved_method_draws_the_same_tables(make, cohort, tmp_path):
    method = make().fit(cohort, **OUTCOME, seed=3)
    method.save(tmp_path / "method.pt")
    loaded = ck4gen.load_method(tmp_path / "method.pt")
    pd.testing.assert_frame_equal(loaded.sample(n=90, seed=1), method.sample(n=90, seed=1))
    assert loaded.steps == method.steps
    assert repr(loaded) == repr(method)


@pytest.mark.filterwarnings("ignore:calibration was not met")
@pytest.mark.parametrize("make", [lambda: VAE(network=FEW), CART], ids=["noise", "selection"])
def test_a_calibrated_method_keeps_its_calibration_on_disk(make, cohort, tmp_path):
    method = ck4gen.calibrate(make().fit(cohort, **OUTCOME), calibration=LOOSE)
    method.save(tmp_path / "method.pt")
    loaded = ck4gen.load_method(tmp_path / "method.pt")
    pd.testing.assert_frame_equal(loaded.sample(seed=1), method.sample(seed=1))
    if method.has_noise:
        with pytest.raises(InputError, match="whose calibration was switched off"):
            method.uncalibrated().save(tmp_path / "other.pt")


def test_numbers_of_numpy_are_numbers(cohort):
    fitted = GAN(network={"steps": 2}).fit(cohort, **OUTCOME, seed=np.int64(3), secret=bytes(32))
    table = fitted.sample(n=np.int64(50), seed=np.int32(1))
    pd.testing.assert_frame_equal(table, fitted.sample(n=50, seed=1))
    with pytest.raises(InputError, match="seed is True; it must be a whole number"):
        fitted.sample(seed=True)
    with pytest.raises(InputError, match="seed is 'a'; it must be a whole number"):
        CART().fit(cohort, **OUTCOME, seed="a")


def test_what_is_no_saved_method_is_refused(cohort, tmp_path):
    with pytest.raises(InputError, match="not fitted; fit it before save"):
        CART().save(tmp_path / "method.pt")
    with pytest.raises(InputError, match="not fitted; fit it before sample"):
        CART().sample()
    fitted = CART().fit(cohort, **OUTCOME)
    with pytest.raises(InputError, match=r"seed is 1\.5; it must be a whole number"):
        fitted.sample(seed=1.5)
    with pytest.raises(InputError, match="lies in no folder that is there"):
        fitted.save(tmp_path / "nowhere" / "method.pt")
    with pytest.raises(InputError, match="is a folder; name a file"):
        fitted.save(tmp_path)
    with pytest.raises(InputError, match=r"the saved method '.*none\.pt' is no file"):
        ck4gen.load_method(tmp_path / "none.pt")
    (tmp_path / "text.pt").write_text("no")
    with pytest.raises(InputError, match="is no saved method"):
        ck4gen.load_method(tmp_path / "text.pt")


def test_a_file_cannot_name_a_class_that_is_no_method(cohort, tmp_path):
    import torch

    CART().fit(cohort, **OUTCOME).save(tmp_path / "method.pt")
    state = torch.load(tmp_path / "method.pt", weights_only=True)
    state["method"] = {"_target_": "pathlib.Path"}
    torch.save(state, tmp_path / "other.pt")
    with pytest.raises(InputError, match=r"the file names pathlib.Path, which is no method"):
        ck4gen.load_method(tmp_path / "other.pt")


def test_repr_shows_the_settings():
    assert repr(CART(min_samples_leaf=7)) == (
        "CART(outcomes='generated', min_samples_leaf=7, min_samples_leaf_outcome=10)"
    )
    assert "components=5" in repr(CK4Gen(encoder={"components": 5}))


def test_a_wrong_key_of_a_part_names_the_right_ones():
    node = {"_target_": "ck4gen.methods.ck4gen.gaussian_mixture_latents.MixtureOfGaussians"}
    with pytest.raises(InputError, match=r"no key 'k'; its keys are components, rows_per_dim"):
        built(node | {"k": 3})
    with pytest.raises(InputError, match=r"there is no class 'mymodule.Mine' to import"):
        built({"_target_": "mymodule.Mine"})
