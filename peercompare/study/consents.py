"""Who agreed to what, counted for the report: nobody is named, no other table gives a small count back."""

from __future__ import annotations

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.corpus.status import FEW, consent_status

COLUMNS = ("corpus", "role", "purpose", "state", "n_people", "withheld", "waiver")
ASKED_FOR = "analysis"
"""The purpose for which the gate counts, in another table, whom it left out."""


def agreed_table(corpus: Corpus, left_out: pd.DataFrame) -> pd.DataFrame:
    """Count by role and purpose who agreed, did not, or did until it ended.

    Parameters
    ----------
    corpus : Corpus
        Opened past the gate; one in which nobody speaks gives no row.
    left_out : DataFrame
        What the study tells of those whom the gate left out: ``n_people`` by reason.

    Returns
    -------
    DataFrame
        `COLUMNS`, as `ConsentStatus.agreed` has them. Where a real corpus tells how many people the gate left
        out, and a count of some role is withheld, all counts of that purpose are: the one less what is shown
        of the other roles would tell it.
    """
    if "speakers" not in corpus.documents:
        return pd.DataFrame(columns=list(COLUMNS))
    agreed = consent_status(corpus).agreed
    asked = (agreed["purpose"] == ASKED_FOR) & (agreed["state"] != "all")
    told = left_out["n_people"].notna().any()
    if not corpus.composed and told and agreed.loc[asked, "n_people"].isna().any():
        agreed.loc[asked, "n_people"] = pd.NA
        agreed.loc[asked, "withheld"] = FEW
    return agreed.assign(corpus=corpus.name)[list(COLUMNS)]
