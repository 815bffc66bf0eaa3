"""Tables as people send them: what is read, and what is refused as a whole with the place and the remedy."""

import json
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.tables import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, UnreadableTableError, table_from


def values(text: str | bytes) -> list[tuple[str, ...]]:
    body = text if isinstance(text, bytes) else text.encode()
    return [row.values for row in table_from(body).rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_any_usual_delimiter_line_end_and_byte_order_mark_is_read(delimiter: str, ending: str, mark: str):
    rows = [["Email", "First, last; name"], ["ana@b.example", "Ana"]]
    quoted = [[f'"{cell}"' for cell in row] for row in rows]
    table = table_from((mark + ending.join(delimiter.join(row) for row in quoted)).encode())
    assert (table.header, table.email, [row.values for row in table.rows]) == (
        ("Email", "First, last; name"),
        0,
        [("ana@b.example", "Ana")],
    )


def test_a_delimiter_that_stands_in_a_name_of_another_column_misleads_nobody():
    assert table_from(b"name; the whole, with title;email\nAna;Dr;a@b.example\n").header == ("name", "the whole, with title", "email")
    assert table_from(b"email;last,first\na@b.example;Silva,Ana\n").header == ("email", "last,first")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_line_that_tells_a_spreadsheet_the_delimiter_is_taken_at_its_word(delimiter: str, ending: str):
    lines = [f"sep={delimiter}", f"email{delimiter}name", f"a@b.example{delimiter}Ana", delimiter, f"b@b.example{delimiter}Bo"]
    table = table_from(("\ufeff" + ending.join(lines)).encode())
    assert (table.header, [row.number for row in table.rows]) == (("email", "name"), [2, 4])


@pytest.mark.parametrize("first", ["sep=x", "sep=", "separate;email"])
def test_any_other_first_line_is_a_header(first: str):
    with pytest.raises(UnreadableTableError, match="row 1") if "email" not in first else nullcontext():
        table_from(f"{first}\na@b.example;x\n".encode())


def test_a_table_that_only_declares_its_delimiter_has_no_header():
    with pytest.raises(UnreadableTableError):
        table_from(b"sep=;\n")


def test_line_ends_and_quotation_marks_inside_a_value_belong_to_it():
    assert values('email,message\na@b.example,"first\n""second"" line"\n') == [("a@b.example", 'first\n"second" line')]


def test_other_separators_of_lines_than_the_usual_end_no_row():
    assert values("email,message\na@b.example,one\u2028two\x85three\n") == [("a@b.example", "one\u2028two\x85three")]


def test_rows_are_numbered_as_a_spreadsheet_does_and_blank_ones_are_left_out():
    table = table_from(b'email,m\n\na@b.example,"x\ny"\n,\nb@b.example,z\n')
    assert [row.number for row in table.rows] == [3, 5]


def test_json_objects_are_rows_too():
    table = table_from(json.dumps([{"email": "a@b.example", "n": 5, "yes": True, "no": None, "list": [1]}, {"other": "x"}]).encode())
    assert table.header == ("email", "n", "yes", "no", "list", "other")
    assert [(row.number, row.values) for row in table.rows] == [
        (2, ("a@b.example", "5", "true", "", "[1]", "")),
        (3, ("", "", "", "", "", "x")),
    ]


def test_what_a_spreadsheet_would_calculate_or_a_terminal_would_draw_is_data():
    hostile = ["=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "-2+3", "😀", "\u202eelif", "<script>alert(1)</script>"]
    assert values(json.dumps([{"email": "a@b.example", "m": one} for one in hostile])) == [("a@b.example", one) for one in hostile]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "nothing in it"),
        (b" \n\n", "nothing in it"),
        (b"name\nAna\n", "row 1: no column is called email"),
        (b"email|name\na@b.example|Ana\n", "between commas, semicolons or tabs"),
        (b"email,Email\na@b.example,b@b.example\n", "row 1: several columns are called email"),
        (b"email,name,name\n", "row 1: columns 2 and 3 have the same name"),
        (b"email,,x\n", "row 1: column 2 has no usable name"),
        (b"email,\x1b[31m\n", "row 1: column 2 has no usable name"),
        (b"email\nana@b.ex\0ample\n", "byte 15 is zero"),
        ("email\na@b.example\n".encode("utf-16"), "it is UTF-16"),
        ("email,name\nx@b.example,ok\na@b.example,Zoë\n".encode("latin-1"), "line 3: byte 41 is not UTF-8"),
        (b'email,m\na@b.example,x\nb@b.example,"never closed\n', "row 3: a quotation mark is opened and never closed"),
        (b'email,m\na@b.example,"x"y\n', "row 2: a quotation mark stands in the middle of a value"),
        (b'email,m\na@b.example,"' + b"x" * 200_000 + b'"\n', "row 2: a value is longer than"),
        (b'[{"email": "a@b.example"', "it begins like JSON and is none"),
        (b"[" * 100_000, "it begins like JSON and is none"),
        (b'{"email": "a@b.example"}', "no array of objects"),
        (b'["a@b.example"]', "no array of objects"),
        (b'[{"email": "a@b.example", " email": "b"}]', "several columns are called email"),
        (b",".join([b"email", *(b"c%d" % number for number in range(MOST_COLUMNS))]) + b"\n", "at most 100"),
    ],
)
def test_what_is_no_table_is_refused_with_the_place_and_the_remedy(body: bytes, told: str):
    with pytest.raises(UnreadableTableError, match=": ") as caught:
        table_from(body)
    assert told in str(caught.value)
    assert not caught.value.too_large
    assert "ana@" not in str(caught.value)


def test_a_row_count_is_not_told_that_nobody_has_counted():
    body = b"email\n" + b"".join(b"a%d@b.example\n" % number for number in range(MOST_ROWS * 2))
    with pytest.raises(UnreadableTableError, match=f"more than {MOST_ROWS} rows"):
        table_from(body)


@pytest.mark.parametrize(
    "body",
    [
        b"email\n" + b"x" * MOST_BYTES,
        b"email\n" + b"".join(b"a%d@b.example\n" % number for number in range(MOST_ROWS + 1)),
        json.dumps([{"email": f"a{number}@b.example"} for number in range(MOST_ROWS + 5)]).encode(),
    ],
)
def test_too_much_is_told_apart(body: bytes):
    with pytest.raises(UnreadableTableError, match="import it in several parts") as caught:
        table_from(body)
    assert caught.value.too_large


def test_as_many_rows_as_may_be_are_read():
    assert len(values(b"email\n" + b"".join(b"a%d@b.example\n" % number for number in range(MOST_ROWS)))) == MOST_ROWS


def test_a_hundred_thousand_columns_are_refused_at_once():
    with pytest.raises(UnreadableTableError, match="100001 columns"):
        table_from(b"email" + b",x" * 100_000 + b"\na@b.example\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(body: bytes):
    try:
        table = table_from(body)
    except UnreadableTableError:
        return
    assert table.header[table.email]


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(CELLS.filter(str.strip), CELLS), max_size=5), st.sampled_from(",;\t"))
def test_whatever_is_written_well_is_read_back(rows: list[tuple[str, str]], delimiter: str):
    lines = [("email", "message"), *rows]
    text = "\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in lines)
    assert values(text) == rows
