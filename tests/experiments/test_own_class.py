"""A command line with a class of the user's own: what is wrong with it is said in one sentence."""

import json
import re
import sys

import pytest

from ck4gen.cli.main import main
from ck4gen.config import ROOT


@pytest.fixture(autouse=True)
def examples(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    yield
    sys.modules.pop("gaussian_copula", None)


OWN_METHOD = ["method=own", "method.name=cop", "method._target_=gaussian_copula.GaussianCopula"]


def refused(*keys, command="train"):
    """The sentence of a command that ends in one."""
    with pytest.raises(SystemExit) as stopped:
        main([command, "data=whas500", "evaluation=fast", *keys])
    said = str(stopped.value)
    assert said.startswith("error: ")
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("collections.Counter", "which makes an object of type Counter and no method; name a sub"),
        ("gaussian_copula.GaussianCopula._fit", "cannot be made from its keys: TypeError: Gaussia"),
    ],
)
def test_a_class_that_is_no_method_is_refused_when_it_is_built(target, sentence, tmp_path):
    method = *OWN_METHOD[:2], f"method._target_={target}"
    assert sentence in refused(*method, f"output_dir={tmp_path}")


def test_what_the_constructor_of_an_own_class_raises_is_one_sentence(tmp_path):
    said = refused(*OWN_METHOD, "method.shrinkage=abc", f"output_dir={tmp_path}")
    assert (
        "gaussian_copula.GaussianCopula cannot be made from its keys: TypeError: '<=' not" in said
    )


@pytest.mark.parametrize("prefix", ["", "+"])
def test_a_key_of_the_class_is_given_with_and_without_a_plus(prefix, tmp_path):
    keys = f"{prefix}method.shrinkage=2", f"output_dir={tmp_path}"
    assert "method.shrinkage is 2; it is a share from 0 to 1" in refused(*OWN_METHOD, *keys)


def test_a_key_that_the_class_has_not_is_answered_with_those_that_it_has(tmp_path):
    said = refused(*OWN_METHOD, "method.shrink=0.2", f"output_dir={tmp_path}")
    assert "GaussianCopula has no key 'shrink'; its keys are shrinkage" in said


@pytest.mark.parametrize("name", ["1.50", "nan", "7", "a/b", "'1.50'"])
def test_what_names_no_folder_is_no_name(name, tmp_path):
    said = refused(*OWN_METHOD, f"method.name={name}", f"output_dir={tmp_path}")
    assert re.search(r"method\.name is .+; use a name that begins with a letter", said)


def test_an_own_class_has_not_the_name_of_a_packaged_method(tmp_path):
    said = refused(*OWN_METHOD, "method.name=cart", f"output_dir={tmp_path}")
    assert "method.name is 'cart', the name of a packaged method" in said


def test_a_sweep_names_the_job_whose_name_is_a_number_and_ends(tmp_path, capsys):
    keys = [*OWN_METHOD, "method.name=nan", f"output_dir={tmp_path}"]
    with pytest.raises(SystemExit) as stopped:
        main(["sweep", "data=whas500", *keys])
    assert stopped.value.code == 1
    (record,) = (json.loads(file.read_text()) for file in tmp_path.glob("sweeps/*/jobs/*.json"))
    assert "method.name is nan; use a name" in record["why"]
    assert "0 done, 0 skipped, 0 left out, 1 failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("keys", "other"),
    [
        (["method=bootstrap,own", *OWN_METHOD[1:]], "bootstrap"),
        (["method=own,cart", "method._target_=a.A,b.B"], "cart"),
        (["method=glob(ca*)", "method.name=cop"], "cart"),
        (["sweep=baselines", "method.name=cop"], "bootstrap"),
    ],
)
def test_a_class_is_not_given_to_the_packaged_methods_of_a_sweep(keys, other, tmp_path):
    said = refused(*keys, f"output_dir={tmp_path}", command="sweep")
    assert f"would also be that of method={other}, which the sweep lists; to compare," in said
    assert not (tmp_path / "sweeps").exists()


@pytest.mark.slow
def test_own_classes_are_swept_by_themselves(tmp_path):
    keys = ["method.shrinkage=0.1,0.2", f"output_dir={tmp_path}"]
    main(["sweep", "data=whas500", "evaluation=fast", *OWN_METHOD, *keys])
    reports = [json.loads(f.read_text()) for f in tmp_path.glob("runs/*/cop/*/*/report.json")]
    assert sorted(r["config"]["method"]["shrinkage"] for r in reports) == [0.1, 0.2]
