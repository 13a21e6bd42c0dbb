"""What ``ck4gen --help`` and ``ck4gen VERB --help`` say."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from textwrap import fill

from ck4gen.cli.keys import Key, keys
from ck4gen.cli.verbs import VERBS

WIDTH = 28  # columns of a name, before what it means


def overview() -> str:
    """The commands, one line each."""
    lines = [f"  {name:<12}{verb.sentence}" for name, verb in VERBS.items()]
    return "\n".join(
        [
            "ck4gen makes synthetic tables of patients with survival times, and says whether they",
            "can be shared. Start with: ck4gen synthesize cohort.csv --duration days --event died",
            "",
            "usage: ck4gen COMMAND [KEY=VALUE ...]",
            "",
            *lines,
            "",
            "ck4gen COMMAND --help   examples, and the keys of a command",
            "ck4gen --version        the version",
        ]
    )


def page(name: str) -> str:
    """The help of one command: a sentence, examples, groups and keys."""
    verb = VERBS[name]
    lines = [verb.sentence, "", "examples:", *(f"  ck4gen {line}" for line in verb.examples)]
    if verb.parser is not None:
        module = import_module(f"ck4gen.cli.{(verb.files or verb.task).split(':')[0]}")
        lines += ["", getattr(module, verb.parser)().format_help()]
    if verb.config is None:
        return "\n".join(lines)
    set_before = dict(added.split("=") for added in verb.adds if "=" in added)
    config_keys = [
        replace(key, default=set_before.get(key.name, key.default)) for key in keys(verb.config)
    ]
    groups = [key for key in config_keys if key.options]
    single = [key for key in config_keys if not key.options]
    if groups:
        lines += ["", "groups (GROUP=NAME takes a whole file of conf/GROUP):"]
        lines += [line for key in groups for line in _group(key)]
    lines += ["", "keys:", *map(_line, single), ""]
    lines += [
        f"Every value, also those within a group: ck4gen {name} --cfg job",
        "A key within a group is given with a dot, as trainer.accelerator=cpu.",
    ]
    return "\n".join(lines)


def _group(key: Key) -> list[str]:
    lines = [_line(key)]
    if not all(option in key.note for option in key.options):
        margin = " " * (WIDTH + 4)
        lines.append(
            fill(", ".join(key.options), 100, initial_indent=margin, subsequent_indent=margin)
        )
    return lines


def _line(key: Key) -> str:
    # ??? is OmegaConf's for a value that is missing
    default = key.default.replace("???", "").replace("${project_root:}/", "")
    return f"  {f'{key.name}={default}':<{WIDTH}}  {key.note}".rstrip()
