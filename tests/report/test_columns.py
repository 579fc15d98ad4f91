"""Columns of printed tables: room for what they hold, and intervals on one line where the page allows it."""

from peercompare.report.columns import EDGES, LINE, fitted, unbroken

HEADINGS = ("Setting", "Peer", "Overlap", "Clinical", "Index", "Segments", "Documents", "Employers")
ROW = ("Community programme", *["44% (28% to 62%)"] * 3, "−0.02 (−0.35 to +0.31)", "331", "28", "10")


def test_the_usual_table_of_estimates_keeps_its_intervals_on_one_line():
    cells, widths = fitted((HEADINGS, ROW))
    assert cells[1][1] == unbroken(ROW[1])
    assert sum(widths) <= LINE + 0.1
    assert widths[4] > widths[1] > widths[6], "the longest interval has the widest column"


def test_where_the_page_is_too_narrow_intervals_may_break():
    cells, widths = fitted((HEADINGS * 2, ROW * 2))
    assert cells[1] == list(ROW * 2)
    assert len(widths) == len(ROW * 2)


def test_a_column_of_long_words_leaves_counts_their_room():
    _, (words, count) = fitted((("What", "n"), ("a long sentence " * 9, "1,966")))
    assert words > 5 * count
    assert count > EDGES


def test_an_empty_cell_takes_no_more_than_its_edges():
    assert fitted((("", ""), ("", "")))[1][1] >= EDGES
