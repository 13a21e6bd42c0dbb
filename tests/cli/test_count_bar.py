"""Many parts alike: a header, few lines away from a terminal, and the time left."""

import pytest

from ck4gen.cli.count_bar import LINES, Pace, count_bar, how_long
from ck4gen.cli.main import main
from ck4gen.experiments.expected import Expected


def test_the_time_left_is_that_of_the_parts_made_here_once_there_are_any():
    clock = iter([0.0, 4.0, 30.0, 35.0])
    pace = Pace(10, each=2.0, now=lambda: next(clock))
    assert pace.remaining is None
    pace.tell(4)  # of an earlier call: they took no time of this one
    assert pace.remaining == 6 * 2.0 - 4.0
    pace.tell(6)
    assert pace.remaining == 4 * 15.0 - 5.0
    unknown = Pace(2, now=lambda: 0.0)
    unknown.tell(0)
    assert unknown.remaining is None


def test_away_from_a_terminal_few_lines_follow_the_header(capsys):
    with count_bar("pairs", 200, lambda left: f"[{left}] pairs") as progress:
        assert capsys.readouterr().err == ""
        for done in range(50, 201):
            progress(done)
    header, *lines = capsys.readouterr().err.splitlines()
    assert header == "[150] pairs"
    assert lines[-1] == "200 of 200 pairs"
    assert len(lines) <= LINES


def test_how_long_says_on_whose_word():
    known = {"fit": 10.0, "draw": 5.0}
    assert how_long(Expected(known, 3), 100) == "about 25 min, by what 3 earlier runs took"
    assert how_long(Expected(known, 0), 100) == (
        "no earlier run says how long; about 25 min if each takes what a table of whas500 took"
    )
    assert how_long(Expected({}, 0), 100) == "no earlier run says how long it takes"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["canary", "pairs=null"], "pairs is None"),
        (["shadow", "divisions=null"], "divisions is None"),
        (["simulate", "workers=two"], "workers"),
        (["search", "search.trials=many"], "search.trials"),
        (["augment", "augmentation.repeats=null"], "augmentation"),
    ],
)
def test_a_wrong_number_is_refused_before_the_header(words, sentence, tmp_path, capsys):
    with pytest.raises(SystemExit, match=sentence):
        main(
            [
                *words,
                "data=whas500" if words[0] != "simulate" else "seed=0",
                f"output_dir={tmp_path}",
            ]
        )
    assert capsys.readouterr().err == ""
    assert not any(tmp_path.iterdir())
