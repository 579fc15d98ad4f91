"""axe-core finds nothing on any page, folded or unfolded, wide or narrow."""

import pytest
from browser import scripts


def violations(page, axe_source):
    page.evaluate(axe_source + "; 0")
    return page.evaluate(scripts.AXE)


@pytest.mark.parametrize("unfolded", [False, True], ids=["folded", "unfolded"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_no_violation(open_page, axe_source, page_file, unfolded, width):
    page = open_page(page_file, width=width)
    page.evaluate(scripts.FOLDS, unfolded)
    assert violations(page, axe_source) == []


def test_axe_finds_what_is_wrong_on_a_page_that_shuts_people_out(open_page, axe_source, tmp_path):
    path = tmp_path / "wrong.html"
    path.write_text("<p style='color:#aaa'>pale</p><img src='data:,'>", encoding="utf-8")
    rules = {line.split(":")[0] for line in violations(open_page(path), axe_source)}
    assert {"color-contrast", "image-alt", "html-has-lang", "document-title"} <= rules
    assert "landmark-one-main" in rules, "best practices are checked too"
