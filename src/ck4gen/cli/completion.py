"""``ck4gen completion``: what a shell evaluates to complete commands, groups and keys."""

from __future__ import annotations

from collections.abc import Sequence

from ck4gen.cli.keys import keys
from ck4gen.cli.verbs import VERBS
from ck4gen.settings import InputError, choose

BASH = """_ck4gen() {{
    local line="${{COMP_LINE:0:COMP_POINT}}" words="{verbs}"
    local word="${{line##* }}"   # bash itself splits a word at =
    if [ "$COMP_CWORD" -gt 1 ]; then
        case "${{COMP_WORDS[1]}}" in
{cases}
            *) words="" ;;
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    if [ "${{#COMPREPLY[@]}}" -eq 1 ] && [ "${{COMPREPLY[0]%=}}" != "${{COMPREPLY[0]}}" ]; then
        compopt -o nospace
    fi
    case "$word" in *=*) COMPREPLY=("${{COMPREPLY[@]#*=}}") ;; esac
}}
complete -o default -F _ck4gen ck4gen"""
ZSH = """_ck4gen() {{
    local words_of=""
    if (( CURRENT == 2 )); then
        compadd -- {verbs}
        return
    fi
    case "$words[2]" in
{cases}
    esac
    compadd -S '' -- ${{=words_of}}
}}
compdef _ck4gen ck4gen"""


def completion(arguments: Sequence[str]) -> None:
    """Print the completion of one shell.

    Raises:
        InputError: The shell is none of bash, zsh and fish.
    """
    if len(arguments) != 1:
        raise InputError("ck4gen completion takes one shell: bash, zsh or fish")
    shells = {"bash": bash, "zsh": zsh, "fish": fish}
    print(shells[choose("the shell", arguments[0], tuple(shells))]())


def words(verb: str) -> list[str]:
    """What can follow a verb: each file of a group, and each key with its ``=``."""
    config = VERBS[verb].config
    if config is None:
        return ["bash", "zsh", "fish"] if verb == "completion" else []
    config_keys = keys(config)
    files = [f"{key.name}={option}" for key in config_keys for option in key.options]
    return ["--help", *files, *(f"{key.name}=" for key in config_keys if not key.options)]


def bash() -> str:
    """The completion for bash."""
    cases = "\n".join(f'            {verb}) words="{" ".join(words(verb))}" ;;' for verb in VERBS)
    return BASH.format(verbs=" ".join([*VERBS, "--help", "--version"]), cases=cases)


def zsh() -> str:
    """The completion for zsh, after ``compinit``."""
    cases = "\n".join(f'        {verb}) words_of="{" ".join(words(verb))}" ;;' for verb in VERBS)
    return ZSH.format(verbs=" ".join(VERBS), cases=cases)


def fish() -> str:
    """The completion for fish."""
    first = [
        f"complete -c ck4gen -f -n __fish_use_subcommand -a {name} -d '{verb.sentence}'"
        for name, verb in VERBS.items()
    ]
    rest = [
        f"complete -c ck4gen -n '__fish_seen_subcommand_from {verb}' -a '{' '.join(words(verb))}'"
        for verb in VERBS
        if words(verb)
    ]
    return "\n".join(first + rest)
