"""The small project files in tests/data/exchange, each in the manner of one tool or with one fault."""

import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.refi_reader import check_qdpx, read_qdpx

QUOTES = ["What would you like?", "a walk", "no form to fill in"]


@pytest.fixture
def folder(data_folder):
    return data_folder / "exchange"


@pytest.mark.parametrize(
    ("name", "convention"),
    [("utf16_cut_quotes", "utf16-raw-nobom"), ("named_otherwise", "codepoint-raw-nobom")],
)
def test_codings_stand_on_their_words(folder, name, convention):
    found = read_qdpx(folder / f"{name}.qdpx")
    assert [span.quote for span in found.spans] == QUOTES
    assert found.calibrations[0].convention == convention
    assert found.calibrations[0].n_verified == 3
    assert "3 of 3 selections verified by quote" in str(found.calibrations[0])


def test_without_quotes_a_convention_must_be_named(folder):
    path = folder / "utf16_no_quotes.qdpx"
    (report,) = check_qdpx(path)
    assert (report.status, report.suggestion) == ("refused", "utf16-raw-nobom")
    assert "starts on word edges" in str(report)
    with pytest.raises(ExchangeError, match='convention="utf16-raw-nobom"'):
        read_qdpx(path)
    assert [span.quote for span in read_qdpx(path, convention="utf16-raw-nobom").spans] == QUOTES


@pytest.mark.parametrize(("name", "words"), [("xml", "well-formed XML"), ("zip", "no zip archive")])
def test_a_file_cut_short_is_one_clear_error(folder, name, words):
    with pytest.raises(ExchangeError, match=words):
        read_qdpx(folder / f"truncated_{name}.qdpx")
