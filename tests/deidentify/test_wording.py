"""The tool never calls a text anonymous."""

import re

from peercompare.deidentify import NOT_ANONYMOUS

CLAIM = re.compile(r"anonymi[sz]|anonymous", re.IGNORECASE)
NAMES_IN_CODE = re.compile(r"NOT_ANONYMOUS|[Aa]lcoholics anonymous")


def test_no_string_and_no_page_says_so_but_the_sentence_that_denies_it(request):
    root = request.config.rootpath
    pages = [
        root / "README.md",
        root / "CONTRIBUTING.md",
        *root.glob("corpora/**/*.md"),
        *root.glob("notebooks/*"),
    ]
    sources = [
        path for path in root.glob("peercompare/**/*") if path.suffix in (".py", ".toml", ".j2", ".md")
    ]
    claims = []
    for path in [*pages, *sources]:
        if not path.is_file():
            continue
        text = " ".join(path.read_text(encoding="utf-8").split())
        text = NAMES_IN_CODE.sub("", text.replace(NOT_ANONYMOUS, ""))
        claims += [
            f"{path.name}: {text[max(0, at.start() - 30) : at.end() + 30]}" for at in CLAIM.finditer(text)
        ]
    assert not claims
