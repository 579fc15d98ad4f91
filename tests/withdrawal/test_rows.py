"""Rows change one by one, and every other byte stays."""

from peercompare.withdrawal.rows import with_row_added, with_rows

AWKWARD = 'a,b\r\n1,"x, ""y"""\r\n"2","two\nlines"\r\n3,plain\n'


def test_rows_that_do_not_change_keep_their_bytes():
    assert with_rows(AWKWARD, lambda row: row) == AWKWARD


def test_one_row_changes_and_keeps_its_line_end():
    done = with_rows(AWKWARD, lambda row: {**row, "b": "new, now"} if row["a"] == "2" else row)
    assert done == 'a,b\r\n1,"x, ""y"""\r\n2,"new, now"\r\n3,plain\n'


def test_a_row_over_two_lines_goes_whole():
    assert with_rows(AWKWARD, lambda row: None if row["a"] == "2" else row) == (
        'a,b\r\n1,"x, ""y"""\r\n3,plain\n'
    )


def test_quotes_inside_a_plain_cell_join_no_rows():
    done = with_rows('a,b\n1,5" pipe\n2,6" pipe\n3,c\n', lambda row: None if row["a"] == "3" else row)
    assert [line.split(",")[0] for line in done.splitlines()] == ["a", "1", "2"]


def test_a_byte_order_mark_hides_no_column():
    assert with_rows("\ufeffa,b\n1,2\n", lambda row: {**row, "a": "9"}) == "\ufeffa,b\n9,2\n"


def test_a_row_is_added_under_the_columns_there_are():
    assert with_row_added("", ["a", "b"], {"a": 1, "b": 2}) == "a,b\n1,2\n"
    assert with_row_added("b,c\nx,y", ["a", "b"], {"a": 1, "b": 2}) == "b,c\nx,y\n2,\n"
