"""Cells of an exported list: no spreadsheet takes one for a formula, and an import gets back exactly what there was."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from infra.cli.blocking import COLUMNS, as_csv
from shared.domain.suppression import Cause
from shared.domain.suppression_rows import checked_list, defused, list_from, restored
from tests.builders import MONDAY

ADDRESSES = ["+ana@one.example", "=ana@one.example", "'=ana@one.example", "-a@one.example", "ana@one.example"]
CELLS = st.text(alphabet="=+-@\t\r'a,\"", max_size=6) | st.text(max_size=12)


@given(CELLS)
def test_what_was_defused_is_restored_and_begins_harmlessly(cell: str) -> None:
    assert restored(defused(cell)) == cell
    assert defused(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r")


@given(
    st.lists(
        st.sampled_from(["+ana@one.example", "=ana@one.example", "'=ana@one.example", "-a@one.example", "ana@one.example"]), unique=True
    )
)
def test_a_list_that_goes_out_comes_in_as_it_was(addresses: list[str]) -> None:
    lines = [dict.fromkeys(COLUMNS.values(), "") | {"shown": one, "cause": "opt_out", "scope": "address"} for one in addresses]
    text = as_csv(lines)
    assert all(cell[:1] not in ("=", "+", "-", "@") for row in csv.reader(io.StringIO(text)) for cell in row)
    if addresses:
        accepted, refused = checked_list(list_from(text.encode())[0], ahead=0, cause=Cause.IMPORT, now=MONDAY)
        assert ([one.subject.value for one in accepted], refused) == (addresses, [])
