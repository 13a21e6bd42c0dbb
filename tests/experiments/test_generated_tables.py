"""Tables that hypothesis makes up end in a valid table or in one sentence."""

import pytest

from ck4gen.config import ROOT


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_any_table_ends_in_a_valid_one_or_in_a_sentence(monkeypatch, capsys):
    monkeypatch.syspath_prepend(ROOT / "benchmarks" / "cohorts")
    from generated import run

    assert run(12, number=3, show=False) == []
    assert "12 tables" in capsys.readouterr().out
