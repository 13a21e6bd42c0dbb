"""What a command imports: a plan or a refusal waits for nothing that trains or evaluates."""

import subprocess
import sys

import pytest

TRAINS = ["torch", "pytorch_lightning", "torchmetrics", "wandb"]
COMPUTES = ["scipy", "sklearn", "sksurv", "lifelines", "matplotlib"]
WRONG = {  # the last values that a method checks: all its modules are imported by then
    "vae": "method.network.steps=-3",
    "ck4gen_free": "method.guard.noise=-1",
}
CODE = """
import sys
from ck4gen.cli.main import main
for arguments in {commands}:
    try:
        main(arguments)
    except SystemExit as stopped:
        print(stopped)
    import {module}
    print("imported", [name for name in {names} if name in sys.modules])
"""


def imported(commands, names, folder, module="sys"):
    """What is printed by commands, one after the other, and which modules it has then needed."""
    commands = [list(map(str, one)) for one in commands]
    code = CODE.format(commands=commands, names=names, module=module)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    return done.stdout, [line for line in lines if line.startswith("imported")]


@pytest.fixture
def table(cohort, tmp_path):
    cohort.to_csv(tmp_path / "cohort.csv", index=False)
    return ["synthesize", tmp_path / "cohort.csv", "--duration", "days", "--event"]


@pytest.mark.slow
def test_a_plan_or_a_refusal_needs_pandas_alone(table, tmp_path):
    nowhere = f"output_dir={tmp_path}"
    commands = [
        [*table, "gone"],
        [*table, "died", "--plan"],
        ["audit", *[tmp_path / "cohort.csv"] * 2, "--duration", "days", "--event", "age"],
        ["train", "data=whas500", "sed=1"],
        ["train", "data=flchain", "data.imputer_seed=-1", nowhere],
        *[["train", f"method={method}", wrong, nowhere] for method, wrong in WRONG.items()],
    ]
    shown, needed = imported(commands, [*TRAINS, *COMPUTES], tmp_path)
    assert "schema.yaml, to edit" in shown
    for wrong in ("data.imputer_seed=-1", *WRONG.values()):
        assert f"error: {wrong.replace('=', ' is ')}; " in shown.replace("'", "")
    assert needed == ["imported []"] * len(commands)


@pytest.mark.slow
def test_what_trains_nothing_needs_no_torch(table, cohort, tmp_path):
    for name in ("a", "b"):
        cohort.sample(frac=0.9, random_state=ord(name)).to_csv(tmp_path / f"{name}.csv")
    pool = ["pool", "a.csv", "b.csv", "--duration", "days", "--event", "died"]
    nowhere = f"output_dir={tmp_path}"
    commands = [pool, ["collect", nowhere], ["report", nowhere]]
    shown, needed = imported(commands, TRAINS, tmp_path, "ck4gen.evaluation.evaluate")
    assert "2 tables, 95% intervals" in shown
    assert shown.count("no finished run") == 2
    assert needed == ["imported []"] * len(commands)
