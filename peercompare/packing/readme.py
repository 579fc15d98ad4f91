"""The page that a reader of a package opens first."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from peercompare.packing.sharing import Handed
from peercompare.study.study import Study

PAGE = """\
# {title}

Replication package of a study made with peercompare. **Not for hiring, discipline or pay**: the \
numbers speak of settings, sites and conditions of work, never of a person.

## Verify it

```
pip install peercompare=={version}    # or set up a checkout of that version
peercompare verify PACKAGE
```

`PACKAGE` is the folder (or archive) whose folder `data` holds this page. Its checksums are looked \
at first; then the published numbers are made again from what is here and compared with \
`manifest.json`, each within its tolerance. Exit status 0: all agree; 1: some do not, with a table; \
2: it could not be run. What cannot be made again from here is named, with the reason. The exact \
versions of everything stand in `environment/`.

## What is here

| where | what |
|---|---|
| `study.toml` | the questions of the study |
| `manifest.json` | inputs, seeds, versions, every number with its tolerance |
| `results/tables/` | the published tables |
| `corpora/` | documents in which everybody who speaks agreed to sharing, as corpus folders |
| `derived/` | rows of single segments without words: codes, predictions |
| `ro-crate-metadata.json`, `datapackage.json` | the same for archives and programs |

## What of each corpus

{corpora}

People are numbers here. Coders' remarks, reasons of contests, models, logs, keys and feedback on \
single workers are not in the package; nor are tables of words, where any are held back. Records of \
consent say until when and under which terms the words may be kept: obey them. Whoever made the \
package will say when somebody withdraws; take their words out of every copy then.

## Licences

{licences}
"""
"""The page; what stands in braces is the study's own."""


def readme(study: Study, handed: Mapping[str, Handed]) -> str:
    """Return README.md: what is here, what is not and why, how to verify it, what it is not for.

    Parameters
    ----------
    study : Study
    handed : mapping of str to Handed
        What of each corpus goes, by its name.
    """
    corpora = study.open_corpora().values()
    return PAGE.format(
        title=study.settings.study.title,
        version=version("peercompare"),
        corpora="\n\n".join(_of_corpus(corpus, handed[corpus.name]) for corpus in corpora),
        licences="\n".join(f"- `{each.name}`: {each.licence}. {each.citation}" for each in corpora),
    )


def _of_corpus(corpus, handed: Handed) -> str:
    """Say in a paragraph what of a corpus is here."""
    n = len(corpus.documents)
    said = f"**`{corpus.name}`** ({corpus.title}): the words of {len(handed.words)} of {n} documents."
    if corpus.composed:
        said += " Its texts were composed; no real person speaks in them."
    if handed.whole:
        return f"{said} Everything can be made again."
    if handed.rows:
        return (
            f"{said} Of the others there are rows without words, so that agreement and drift can be "
            "estimated again; what learns from words, or counts them, cannot."
        )
    return (
        f"{said} Of the others nothing but the published tables is here: a session rests on one worker, so "
        "that no row about one is handed on, and nothing of this corpus can be made again from here."
    )
