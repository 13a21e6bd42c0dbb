"""Held-out rows that are judged are not their own control."""

import pandas as pd

from ck4gen.evaluation.control import separate_control


def test_fresh_patients_are_judged_against_the_others():
    holdout = pd.DataFrame({"age": range(10), "duration": 5.0, "event": [0, 1] * 5})
    table = holdout.sample(frac=1, random_state=0)
    judged, control = separate_control(table, holdout)
    assert len(judged) == len(control) == 5
    assert set(judged["age"]) | set(control["age"]) == set(range(10))


def test_other_tables_come_back_unchanged():
    holdout = pd.DataFrame({"age": range(10), "duration": 5.0, "event": [0, 1] * 5})
    table = holdout.assign(age=holdout["age"] + 1)  # nine of ten rows collide by chance
    judged, control = separate_control(table, holdout)
    assert judged is table
    assert control is holdout
    assert separate_control(table, None)[1] is None
