"""What axe-core cannot see: keys, narrow windows, paper, contrast, pictures, and what is lost silently."""

import pytest
from browser import scripts

from peercompare.report.outputs import alt_fault

TEXT_CONTRAST = 4.5
PAPER = 703
"""Width in pixels of the text on a sheet of A4 with margins of 12 mm."""


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink, ground):
    light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("media", ["screen", "print"])
def test_every_pair_of_colours_has_contrast(open_page, page_file, media):
    page = open_page(page_file)
    page.emulate_media(media=media)
    page.evaluate(scripts.FOLDS, True)
    pairs = page.evaluate(scripts.PAIRS)
    assert pairs
    for ink, ground, opacity, words in pairs:
        assert ground is not None, f"the ground is half transparent under {words!r}"
        assert ink[3] == 255, words
        assert opacity == 1, words
        assert contrast(ink[:3], ground) >= TEXT_CONTRAST, (ink, ground, words)


def test_nothing_is_asked_of_a_network(open_page, page_file):
    page = open_page(page_file)
    page.evaluate(scripts.FOLDS, True)
    assert page.asked == []


def test_every_picture_is_drawn_and_says_what_it_shows(open_page, page_file):
    page = open_page(page_file)
    page.evaluate(scripts.FOLDS, True)
    for width, alt in page.evaluate(scripts.IMAGES):
        assert width > 0, alt
        assert alt_fault(alt) == ""


def test_each_output_of_a_notebook_can_be_seen(open_page, page_files, executed):
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ())]
    assert len(outputs) >= 8
    assert open_page(page_files["notebook"]).evaluate(scripts.SHOWN_OUTPUTS) == len(outputs)


@pytest.mark.parametrize("unfolded", [False, True], ids=["folded", "unfolded"])
def test_the_tab_key_reaches_everything_in_order_and_is_seen_to(open_page, page_file, unfolded):
    page = open_page(page_file)
    page.evaluate(scripts.FOLDS, unfolded)
    n_wanted = page.evaluate(scripts.REACHABLE)
    assert page.evaluate(scripts.UNREACHED_SCROLLERS) == []
    for place in range(n_wanted):
        page.keyboard.press("Tab")
        at = page.evaluate(scripts.FOCUSED)
        assert at["place"] == place, at["what"]
        assert at["outline"] >= 1, at["what"]
        assert at["inside"], at["what"]
        if place == 0 and page.query_selector("nav"):
            assert at["href"] == "#content", "the first stop skips the contents"


def test_the_skip_link_leads_past_the_contents(open_page, page_files):
    page = open_page(page_files["methods"])
    n_wanted = page.evaluate(scripts.REACHABLE)
    n_before = page.evaluate("() => document.querySelectorAll('nav a, .skip').length")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert n_before <= page.evaluate(scripts.FOCUSED)["place"] < n_wanted


@pytest.mark.parametrize("unfolded", [False, True], ids=["folded", "unfolded"])
def test_a_window_of_320_pixels_needs_no_scrolling_sideways(open_page, page_file, unfolded):
    page = open_page(page_file, width=320)
    page.evaluate(scripts.FOLDS, unfolded)
    needed, given = page.evaluate(scripts.WIDTHS)
    assert needed <= given <= 320
    assert page.evaluate(scripts.UNREACHED_SCROLLERS) == []


def test_on_paper_nothing_is_cut_off_and_every_fold_is_open(open_page, page_file):
    page = open_page(page_file, width=PAPER)
    page.emulate_media(media="print")
    page.evaluate(scripts.NEXT_FRAMES)  # folds open when the page is laid out for paper
    assert page.evaluate(scripts.HIDDEN_IN_FOLDS) == []
    assert page.evaluate(scripts.CUT_OFF) == []
    assert page.evaluate(scripts.BEYOND, PAPER) == []


@pytest.mark.parametrize("media", [{"reduced_motion": "reduce"}, {"forced_colors": "active"}], ids=str)
def test_a_readers_own_settings_are_kept(open_page, page_file, media):
    page = open_page(page_file, **media)
    assert page.evaluate(scripts.MOTION) == 0
    if page.evaluate(scripts.REACHABLE):
        page.keyboard.press("Tab")
        assert page.evaluate(scripts.FOCUSED)["outline"] >= 1
