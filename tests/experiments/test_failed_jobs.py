"""Failed jobs are named by what they were asked for and the others were not."""

from rich.console import Console

from ck4gen.experiments.failed_jobs import failed_jobs


def job(number, status="failed", **keys):
    cell = {"dataset": "gbsg2", "method": "ck4gen", "split": "release", "seed": number}
    return cell | {"status": status, "why": "no"} | keys


def shown(jobs):
    console = Console(width=200)
    with console.capture() as captured:
        console.print(failed_jobs(jobs))
    return captured.get()


def test_swept_keys_tell_failed_jobs_apart():
    words = [["seed=0", "evaluation=fast", f"method.hidden=[{n}]"] for n in (0, 8)]
    text = shown([job(0, overrides=words[0]), job(1, overrides=words[1])])
    assert "method.hidden=[0]" in text
    assert "method.hidden=[8]" in text
    assert "evaluation=fast" not in text
    assert "method.hidden=[8]" not in shown([job(0, overrides=words[0]), job(1, "done")])


def test_without_swept_keys_there_is_no_column_of_them():
    assert "settings" not in shown([job(0, overrides=["seed=0"]), job(1, overrides=["seed=1"])])
    assert "settings" not in shown([job(0)])  # of an earlier version
