"""Every cohort and every messy table through the command, and what came out against the expected.

python benchmarks/cohorts/fetch.py outputs/cohorts
python benchmarks/cohorts/messy.py outputs/cohorts/messy
python benchmarks/cohorts/run.py outputs/cohorts outputs/bed   # goes on if stopped

One line a table in `outputs/bed/results.csv`: outcome, seconds, and what `judge.py` finds. Remove
`outputs/bed/NAME.json` to repeat a table. `--command synthesize` takes that command instead of
`train`; `--options "evaluation=fast"` adds to every command line.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import yaml
from judge import Judged, judge

THREADS = {"OMP_NUM_THREADS": "1", "COLUMNS": "200"}


def tables(folder: Path) -> dict[str, dict]:
    """Cohorts of the manifest and messy tables, each with its file and what is expected."""
    listed = pd.read_csv(folder / "manifest.csv", keep_default_na=False).to_dict("records")
    found = {line["name"]: line | {"file": folder / line["file"]} for line in listed}
    if (folder / "messy").is_dir():
        expected = yaml.safe_load((folder / "messy" / "expected.yaml").read_text())
        for name, facts in expected.items():
            found[f"messy-{name}"] = facts | {"file": folder / "messy" / facts["file"]}
    return found


def quoted(value: object) -> str:
    """A value as Hydra reads it back."""
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def command(kind: str, facts: dict, output: Path) -> list[str]:
    """The command line for one table, without options."""
    product = [sys.executable, "-c", "from ck4gen.cli.main import main; main()"]
    if kind == "train":
        keys = {"data.path": facts["file"], "data.duration": facts["duration"]}
        keys |= {"data.event": facts["event"], "output_dir": output}
        given = [f"{key}={quoted(value)}" for key, value in keys.items()]
        return [*product, "train", "data=csv", "method=ck4gen_free", *given]
    outcome = ["--duration", facts["duration"], "--event", facts["event"], "--out", str(output)]
    return [*product, "synthesize", str(facts["file"]), *outcome]


def ended(line: list[str], log: Path, limit: float) -> tuple[int | None, float]:
    """Exit code (None: out of time) and seconds of a command."""
    start = time.perf_counter()
    with log.open("w") as stream:
        process = subprocess.Popen(
            line, stdout=stream, stderr=stream, env=os.environ | THREADS, start_new_session=True
        )
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            code = None
    return code, time.perf_counter() - start


def outcome(code: int | None, said: str) -> str:
    """`table`, `refusal` (a sentence), `fault` (a traceback) or `time`."""
    if code is None:
        return "time"
    if code == 0:
        return "table"
    return "fault" if "Traceback" in said else "refusal"


def one(name: str, facts: dict, target: Path, asked: argparse.Namespace) -> dict:
    """Run one table, or read what came of it before."""
    result = target / f"{name}.json"
    if result.is_file():
        return json.loads(result.read_text())
    folder, log = target / "tables" / name, target / f"{name}.log"
    line = command(asked.command, facts, folder) + asked.options
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    code, seconds = ended(line, log, asked.seconds)
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    said = log.read_text(errors="replace")
    found = {"name": name, "expected": facts["outcome"], "outcome": outcome(code, said)}
    found |= {"cpu": round(cpu, 1) if asked.at_once == 1 else None}  # the others' as well
    found |= {"seconds": round(seconds, 1), "package": facts.get("package", "messy")}
    made = sorted(folder.rglob("synthetic.csv"))
    judged = judge(facts, made[0]) if code == 0 and made else Judged()
    faults = list(judged.faults)
    if found["outcome"] != facts["outcome"]:
        faults.insert(0, f"{facts['outcome']} expected")
    elif facts.get("names") and facts["names"] not in said:
        faults.insert(0, f"the refusal does not name {facts['names']}")
    last = "" if code == 0 else " ".join(said.strip().splitlines()[-1:])[:300]
    found |= {"max_error": judged.max_error, "mean_error": judged.mean_error}
    found |= {"terms": judged.terms}
    found |= {"faults": "; ".join(faults), "said": last}
    result.write_text(json.dumps(found))
    print(f"{name}: {found['outcome']} {seconds:.0f} s {found['faults']} {last[:100]}", flush=True)
    return found


def main(asked: argparse.Namespace) -> None:
    """Run what has not been run, and write `results.csv`."""
    asked.target.mkdir(parents=True, exist_ok=True)
    listed = {n: facts for n, facts in tables(asked.source).items() if n.startswith(asked.only)}
    order = sorted(
        listed, key=lambda n: ("package" not in listed[n], listed[n]["file"].stat().st_size)
    )
    with ThreadPoolExecutor(asked.at_once) as pool:
        jobs = [pool.submit(one, name, listed[name], asked.target, asked) for name in order]
        results = pd.DataFrame([job.result() for job in jobs])
    results.to_csv(asked.target / "results.csv", index=False)
    results["group"] = results.package.str.partition("=")[0]
    print(results.groupby(["group", "expected", "outcome"]).size().to_string())
    for kind in ("mean", "max"):
        near = results[f"{kind}_error"].dropna()
        within = f"{(near <= 0.5).mean():.0%} of {len(near)} tables" if len(near) else "no table"
        print(f"{kind} error of the hazard ratios within 0.5 SE on {within}")
    print(f"slowest: {results.seconds.max():.0f} s; with faults: {(results.faults != '').sum()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path, help="folder of fetch.py")
    parser.add_argument("target", type=Path, help="folder of the results")
    parser.add_argument("--command", choices=["train", "synthesize"], default="train")
    parser.add_argument("--only", default="", help="how the names of the tables begin")
    parser.add_argument("--at-once", type=int, default=2, help="tables at a time")
    parser.add_argument("--seconds", type=float, default=600, help="limit of one table")
    parser.add_argument("--options", type=str.split, default=[], help="added to the command")
    main(parser.parse_args())
