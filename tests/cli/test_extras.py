"""An optional package that is missing is named, with the extra that brings it."""

import pytest

from ck4gen import settings
from ck4gen.cli.main import main
from ck4gen.experiments.override_errors import explain


@pytest.mark.parametrize(
    ("package", "command", "extra"),
    [
        ("wandb", "train data=whas500 method=bootstrap evaluation=fast logger=wandb", "wandb"),
        ("ctgan", "train data=whas500 method=ctgan", "peers"),
        ("snsynth", "train data=whas500 method=aim", "private-peers"),
        ("optuna", "search data=whas500", "sweeps"),
        ("matplotlib", "report", "report"),
    ],
)
def test_a_missing_package_is_one_sentence(package, command, extra, tmp_path, monkeypatch):
    found = settings.find_spec
    monkeypatch.setattr(
        settings, "find_spec", lambda name: None if name == package else found(name)
    )
    with pytest.raises(SystemExit) as stopped:
        main([*command.split(), f"output_dir={tmp_path}"])
    assert f'needs {package}, which is not installed; run pip install "ck4gen[{extra}]"' in str(
        stopped.value
    )


def test_a_missing_launcher_is_one_sentence():
    error = ValueError("In 'hydra/launcher/local': Could not find 'hydra/launcher/joblib'")
    assert explain(error, [], "train").endswith('run pip install "ck4gen[sweeps]"')
