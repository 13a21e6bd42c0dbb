import json

import pytest
from filelock import FileLock
from omegaconf import OmegaConf

from ck4gen.experiments import augment
from ck4gen.experiments.make_run import make_run
from ck4gen.report.results import Results
from conftest import compose

SMALL = ["trainer=smoke", "data=whas500"]


def config(script, output_dir, *overrides):
    return compose(script, *SMALL, f"output_dir={output_dir}", *overrides)


@pytest.fixture(scope="session")
def outputs(tmp_path_factory, worker_id):
    """Smoke-sized runs: three generators, two seeds, both splits, an ablation, a comparison."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent  # made once for all workers
    folder = shared / "outputs"
    with FileLock(shared / "outputs.lock"):
        if not folder.exists():
            make(folder)
    return folder


def make(folder):
    """Make the runs."""
    for method in ("ck4gen", "vae", "bootstrap"):
        for split in ("release", "audit"):
            for seed in (0, 1):
                keys = f"method={method}", f"split={split}", f"seed={seed}", "evaluation=fast"
                make_run(config("train", folder, *keys))
    for key in ("ablation=narrow", "method.noise=0.5"):
        make_run(config("train", folder, "split=audit", "evaluation=fast", key))
    quick = [
        "augmentation.repeats=2", "augmentation.replicates=1", "augmentation.curve=[1.0]",
        "augmentation.bins=5",  # a survival curve each
    ]  # fmt: skip
    packaged = OmegaConf.to_container(config("augment", folder).augmentation)
    for protocol in ("author", "corrected"):
        keys = "method=bootstrap", f"protocol={protocol}", *quick
        file = augment.make_comparison(config("augment", folder, *keys)).folder / "report.json"
        report = json.loads(file.read_text())
        report["config"]["augmentation"] = packaged  # as if it had been made with all repeats
        file.write_text(json.dumps(report))


@pytest.fixture(scope="session")
def results(outputs):
    return Results(outputs, training="smoke")
