"""The table of commands: what each one is for, its configuration and where its code lies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """One command of ``ck4gen``.

    Args:
        sentence: What it does, for a newcomer.
        examples: Command lines after ``ck4gen``.
        task: ``module:function`` below ``ck4gen.cli``, imported when the command line is right.
        config: Its file of ``conf``; None where it takes plain arguments instead of ``key=value``.
        adds: What stands before the arguments of the user.
        parser: Function that makes its argument parser, for the help: beside the task, or beside
            what runs ``files``.
        files: ``module:function`` that runs instead where the arguments name files.
    """

    sentence: str
    examples: tuple[str, ...]
    task: str
    config: str | None = None
    adds: tuple[str, ...] = ()
    parser: str | None = None
    files: str | None = None


VERBS = {
    "synthesize": Verb(
        "Make a synthetic table of your own cohort, audit it, and say whether it can be shared.",
        (
            "synthesize cohort.csv --duration days --event died",
            "synthesize cohort.csv --duration days --event died --plan",
            "synthesize cohort.xlsx --duration last_seen --entry-date first_seen --event dead",
        ),
        "synthesize:synthesize_file",
        parser="parser",
    ),
    "train": Verb(
        "Fit a generator to a cohort, draw a synthetic table and compare it with the real one.",
        (
            "train data=whas500 seed=3",
            "train data=whas500 method=ck4gen_free",
            "train data=csv data.path=cohort.csv data.duration=days data.event=died",
        ),
        "train:train",
        "train",
    ),
    "audit": Verb(
        "Say whether a table can be shared: one in a file, or one of a run with patients held out.",
        (
            "audit real.csv synthetic.csv holdout.csv --duration days --event died",
            "audit data=whas500 method=ck4gen_free",
            "audit data=flchain holdout=0.2",
        ),
        "train:train",
        "train",
        ("split=audit",),
        parser="parser",
        files="audit_files:audit_files",
    ),
    "card": Verb(
        "Write the card of a finished run again, without a fit or an attack, with other settings.",
        (
            "card cohort_synthetic card.creator='University Hospital' card.licence=CC-BY-4.0",
            "card cohort_synthetic card.review_months=24",
            "card RUN_FOLDER",
        ),
        "card:card",
        parser="parser",
    ),
    "sweep": Verb(
        "Make many runs, skip those that are finished, and end with a table over seeds.",
        (
            "sweep sweep=smoke",
            "sweep sweep=seeds data=gbsg2,whas500",
            "sweep data=gbsg2 method=ck4gen,bootstrap seed=0,1,2",
        ),
        "train:train",
        "train",
        ("--multirun",),
    ),
    "collect": Verb(
        "Print the mean and spread of finished runs over their seeds; nothing is fitted.",
        (
            "collect",
            "collect split=audit columns=audit spread=ci",
            "collect 'metrics=[hazard/log_hr_z,fidelity/ks]'",
        ),
        "collect:collect",
        "collect",
    ),
    "report": Verb(
        "Draw the tables, the figures and a web page from finished runs; nothing is fitted.",
        ("report", "report only=figure_05", "report output_dir=outputs/smoke training=smoke"),
        "report:report",
        "report",
    ),
    "evaluate": Verb(
        "Evaluate finished runs again, without fitting.",
        (
            "evaluate run=RUN_FOLDER",
            "evaluate run=RUN_FOLDER evaluation=fast force=true",
            "evaluate run='outputs/runs/whas500/*/release/*'",
        ),
        "evaluate:evaluate",
        "evaluate",
    ),
    "generate": Verb(
        "Draw a cohort from a shared sampler, without the real data.",
        (
            "generate run=sampler.pt out=cohort.csv",
            "generate run=RUN_FOLDER n=1000 seed=1 out=cohort.csv",
            "generate run=sampler.pt out=cohort.csv force=true",
        ),
        "generate:generate",
        "generate",
    ),
    "pool": Verb(
        "Pool the hazard ratios of several synthetic tables of one cohort.",
        (
            "pool RUN_FOLDER/synthetic*.csv",
            "pool a.csv b.csv c.csv --duration days --event died",
            "pool a.csv b.csv --out pooled.csv",
        ),
        "pool:pool_tables",
    ),
    "reanalyse": Verb(
        "Repeat many analyses on a synthetic table: is it as good as a bootstrap of the patients?",
        (
            "reanalyse real.csv synthetic.csv --duration days --event died --out answers",
            "reanalyse real.csv synthetic.csv --duration stop --entry start --strata site",
            "reanalyse real.csv RUN_FOLDER/synthetic*.csv",
        ),
        "reanalysis:reanalyse",
        parser="parser",
    ),
    "augment": Verb(
        "Compare training on real patients with training on real and synthetic ones.",
        (
            "augment data=gbsg2 method=ck4gen",
            "augment data=gbsg2 method=ck4gen protocol=author",
            "augment -m data=gbsg2,whas500 method=ck4gen,cart seed=0,1",
        ),
        "augmentation:augment",
        "augment",
    ),
    "canary": Verb(
        "Fit with and without some patients, and test if tables, or samplers, can be told apart.",
        (
            "canary data=whas500 method=ck4gen pairs=50",
            "canary data=whas500 method=ck4gen_free pairs=25 draws=100",
            "canary data=whas500 method=ck4gen_free pairs=20 removed=10",
        ),
        "canary:canary",
        "canary",
    ),
    "shadow": Verb(
        "Attack chosen patients: do tables of halves of the cohort tell whether they were used?",
        (
            "shadow data=whas500 method=ck4gen_free divisions=50",
            "shadow data=gbsg2 method=cart vulnerable=20 random=20 workers=2",
            "shadow data=whas500 method=bootstrap classifier=forest",
        ),
        "shadow:shadow",
        "shadow",
    ),
    "simulate": Verb(
        "Measure type I error, power and coverage of synthetic tables, where the truth is known.",
        (
            "simulate cohorts=20",
            "simulate cohorts=200 workers=2",
            "simulate method=bootstrap report_only=true",
        ),
        "simulation:simulate",
        "simulate",
    ),
    "search": Verb(
        "Search for hyper-parameters by hazard error and privacy; a search can be resumed.",
        (
            "search data=whas500 search.trials=40",
            "search data=gbsg2 method=vae search=vae",
            "search data=whas500 'search.seeds=[7,8,9]'",
        ),
        "search:search",
        "search",
    ),
    "forest": Verb(
        "Draw the hazard ratios of a finished run, and what attackers learn from its audits.",
        (
            "forest RUN_FOLDER forest.png",
            "forest RUN_FOLDER forest.pdf",
            "forest RUN_FOLDER overview.png --audits AUDIT_FOLDER ANOTHER_AUDIT_FOLDER",
        ),
        "forest:forest",
        parser="parser",
    ),
    "wandb-sync": Verb(
        "Tell Weights & Biases of finished runs that were made without it.",
        (
            "wandb-sync RUN_FOLDER",
            "wandb-sync outputs/runs/whas500/*/*/* --group first --project cohort",
            "wandb-sync RUN_FOLDER --offline",
        ),
        "wandb_sync:wandb_sync",
        parser="parser",
    ),
    "completion": Verb(
        "Print what a shell needs to complete commands, keys and values.",
        (
            'completion bash   # in ~/.bashrc: eval "$(ck4gen completion bash)"',
            'completion zsh    # in ~/.zshrc: eval "$(ck4gen completion zsh)"',
            "completion fish   # in config.fish: ck4gen completion fish | source",
        ),
        "completion:completion",
    ),
}
