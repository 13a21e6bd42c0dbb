import numpy as np
import pytest

import ck4gen
from ck4gen.data.public_description import public_description
from ck4gen.described.public_cells import PublicCells


@pytest.fixture(scope="module")
def flchain():
    return ck4gen.load("flchain")  # creatinine has blanks, the top decile follows the decile


def test_rows_of_cells_lie_in_these_cells_again(flchain):
    cells = PublicCells(public_description(flchain, None), cells=16, stretches=16)
    coded = cells.coded(flchain.observed)
    assert (coded.max() < cells.sizes).all()
    table = cells.table(coded.to_numpy(), np.random.default_rng(0))
    again = cells.coded(table)
    for column in cells.public.free:
        known = flchain.observed[column.name].notna().to_numpy()
        # a value that is brought to its grid may cross the edge of its cell
        assert (again[column.name] - coded[column.name])[known].abs().max() <= 1, column.name
    assert (again["duration"] - coded["duration"]).abs().max() <= 1
    assert again["event"].equals(coded["event"])
    assert not table.isna().any(axis=None)
    assert ((table["flc_decile"] == 10) == (table["top_decile"] == 1)).all()


def test_cells_of_a_row_do_not_hang_on_the_other_rows(flchain):
    cells = PublicCells(public_description(flchain, None), cells=16, stretches=16)
    rows = flchain.observed
    some = cells.coded(rows).iloc[100:200].reset_index(drop=True)
    assert cells.coded(rows.iloc[100:200]).equals(some)
