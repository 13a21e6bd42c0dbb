import json

import pytest
from filelock import FileLock
from omegaconf import OmegaConf

from ck4gen.experiments import augment
from ck4gen.experiments.make_run import make_run
from ck4gen.report.results import Results
from ck4gen.report.stored_run import SUMS, TABLE_SECONDS
from conftest import compose

SMALL = ["trainer=smoke", "data=whas500"]
QUICK = {part: {"value": 0.002} for part in SUMS[TABLE_SECONDS]}


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
                done = make_run(config("train", folder, *keys)).folder
                if method == "bootstrap":  # a busy machine takes longer than what is called cheap
                    tell(done, lambda report: report["metrics"].update(QUICK))
    for key in ("ablation=narrow", "method.noise=0.5"):
        make_run(config("train", folder, "split=audit", "evaluation=fast", key))
    quick = [
        "augmentation.repeats=2", "augmentation.replicates=1", "augmentation.curve=[1.0]",
        "augmentation.bins=5",  # a survival curve each
    ]  # fmt: skip
    packaged = OmegaConf.to_container(config("augment", folder).augmentation)
    for protocol in ("author", "corrected"):
        keys = "method=bootstrap", f"protocol={protocol}", *quick
        done = augment.make_comparison(config("augment", folder, *keys)).folder
        # as if it had been made with all repeats
        tell(done, lambda report: report["config"].update(augmentation=packaged))


def tell(folder, change):
    """Change the report of a run."""
    report = json.loads((folder / "report.json").read_text())
    change(report)
    (folder / "report.json").write_text(json.dumps(report))


@pytest.fixture(scope="session")
def results(outputs):
    return Results(outputs, training="smoke")
