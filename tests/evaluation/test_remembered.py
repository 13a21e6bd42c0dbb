"""What is remembered of a table is known by its contents, and only by them."""

import pandas as pd

from ck4gen.evaluation.base.remembered import MOST, remembered

TABLE = pd.DataFrame({"age": [50.0, 60.0], "event": [1, 0]})


def test_the_same_contents_are_computed_once_and_others_anew() -> None:
    asked = []

    @remembered
    def oldest(table: pd.DataFrame, among: int = 2) -> float:
        asked.append(among)
        return float(table.age[:among].max())

    assert oldest(TABLE) == oldest(TABLE.copy()) == 60
    assert len(asked) == 1
    older = TABLE.assign(age=TABLE.age + 1)
    assert oldest(older) == 61
    assert oldest(TABLE, among=1) == 50
    assert len(asked) == 3


def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    asked = []

    @remembered
    def itself(number: int) -> int:
        asked.append(number)
        return number

    for number in (0, *range(1, MOST), 0, MOST):
        itself(number)  # 0 is asked for again, so that 1 has waited longest
    del asked[:]
    itself(0)
    itself(1)
    assert asked == [1]
