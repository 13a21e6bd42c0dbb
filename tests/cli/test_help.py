"""What a newcomer meets: the list of commands, their help, and completion in a shell."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from ck4gen.cli.completion import words
from ck4gen.cli.keys import keys
from ck4gen.cli.main import main
from ck4gen.cli.verbs import VERBS
from ck4gen.config import CONF, INSTALLED, ROOT, defaults

CONFIGURED = [name for name, verb in VERBS.items() if verb.config is not None]


def said(capsys, *arguments):
    main(arguments)
    return capsys.readouterr().out


def test_help_names_every_command(capsys):
    text = said(capsys, "--help")
    assert all(verb.sentence in text for verb in VERBS.values())
    assert text == said(capsys)


def test_the_version_is_that_of_the_package(capsys):
    assert said(capsys, "--version") == f"ck4gen {version('ck4gen')}\n"


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from ck4gen.cli.main import main; main(['train', '--help']); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'pandas', 'hydra')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", VERBS)
def test_each_command_has_a_page_with_three_examples(name, capsys):
    text = said(capsys, name, "--help")
    assert text.startswith(VERBS[name].sentence)
    assert text.count(f"\n  ck4gen {name}") == 3


def test_a_page_has_groups_keys_and_their_comments(capsys):
    text = said(capsys, "search", "--help")
    assert "smotenc_reselected" in text  # a file of conf/method
    assert "share of rows held out under split=audit" in text  # a key of the file it extends
    assert "search.trials=40" in text
    assert "ck4gen search --cfg job" in text


def test_a_page_shows_what_the_command_sets(capsys):
    assert "  split=audit  " in said(capsys, "audit", "--help")
    assert "  split=release  " in said(capsys, "train", "--help")
    assert "  output_dir=outputs  " in said(capsys, "train", "--help")


@pytest.mark.parametrize("name", ["train", "augment"])
def test_the_help_says_where_the_default_folder_lies(name, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert INSTALLED or Path(OmegaConf.create(defaults(script=name)).output_dir).parent == ROOT
    assert "from here, and the default in the checkout" in said(capsys, name, "--help")


@pytest.mark.parametrize("config", sorted({VERBS[name].config for name in CONFIGURED}))
def test_the_keys_of_a_page_are_those_that_hydra_composes(config):
    composed = set(defaults(script=config))
    roots = {key.name.split(".")[0] for key in keys(config) if not key.options}
    groups = {key.name for key in keys(config) if key.options}
    assert roots <= composed
    assert composed - {"logger"} <= roots | groups | {"metrics", "methods"}
    assert all((CONF / group).is_dir() for group in groups)


def test_an_unknown_command_is_answered_with_the_nearest():
    with pytest.raises(SystemExit) as stopped:
        main(["trian", "data=gbsg2"])
    assert str(stopped.value).startswith("error: there is no command 'trian'; did you mean train?")
    assert all(name in str(stopped.value) for name in VERBS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ck4gen tr", "train"),
        ("ck4gen train data=wh", "whas500"),
        ("ck4gen train --he", "--help"),
        ("ck4gen generate out", "out="),
    ],
)
def test_bash_completes(line, expected, capsys):
    typed = line.replace("=", " = ").split()  # as bash splits them
    script = said(capsys, "completion", "bash") + (
        f'\nCOMP_LINE="{line}"; COMP_POINT={len(line)}; COMP_WORDS=({" ".join(typed)})\n'
        f"COMP_CWORD={len(typed) - 1}; _ck4gen 2>/dev/null; echo ${{COMPREPLY[@]}}"
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_know_the_same_words(shell, capsys):
    text = said(capsys, "completion", shell)
    for name in CONFIGURED:
        assert " ".join(words(name)) in text


def test_an_unknown_shell_is_one_sentence():
    with pytest.raises(SystemExit, match="the shell is 'tcsh'; choose one of bash, zsh, fish"):
        main(["completion", "tcsh"])


@pytest.mark.slow
def test_a_reader_who_has_read_enough_ends_the_help_quietly():
    read, write = os.pipe()
    os.close(read)
    call = "from ck4gen.cli.main import main; main(['audit', '--help'])"
    ended = subprocess.run([sys.executable, "-c", call], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, b"")
