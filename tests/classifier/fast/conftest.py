import numpy as np
import pytest

from peercompare.classifier import train, training_table

SAID = (
    "At Fern House you won't write notes, but you'll listen.|I'm not sure. We never, ever count the rakes!|"
    "Ask Mary Ann Smith at Oak Hall; she can't come|The warden counts rakes.  No quota sheet\u2019s due?|"
    "PEER SUPPORT Specialist of the 3 sheds (\u00a34,000.50)|gonna dig 'cause y'all said so; talkin' 12:30|"
    "xname Mary Ann said it is open|xname xname Bo xname|not|!? .|we dig, but not today: tomorrow, no harm"
).split("|")


@pytest.fixture(scope="session")
def said():
    """Texts that every rule of reading has something to do with."""
    return SAID


@pytest.fixture(scope="session")
def notes(garden):
    """Training rows with context in which words of every kind stand."""
    table = training_table(garden)
    more = np.array([f"{text} {SAID[row % len(SAID)]}" for row, text in enumerate(table["text"])])
    return table.assign(text=more)


@pytest.fixture(scope="session")
def noted(notes, tiny_framework):
    """A model of these notes, which masks a title."""
    return train(notes, tiny_framework, seed=5, settings={"titles": ("garden helper", "helper")})
