import shutil

import pandas as pd
import pytest

from peercompare.corpus import open_corpus, register
from peercompare.corpus.draws import COLUMNS, SAMPLES, Design, next_wave, read_draws, record_draw
from peercompare.errors import CorpusError, InputError
from peercompare.usertables import read_sample

DESIGN = Design("inference", "by employer, equal chances", 4, "2026-01-31")


@pytest.fixture
def folder(corpora_folder, tmp_path):
    return copied(corpora_folder / "job_descriptions", tmp_path / "postings")


def copied(source, target):
    """Copy a corpus so that it can be written, whatever the rights of what was copied."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    for each in (target, *target.rglob("*")):
        each.chmod(0o755 if each.is_dir() else 0o644)
    return target


@pytest.fixture
def drawn():
    return pd.DataFrame(
        {
            "segment_id": ["JD001:001", "JD001:002", "JD002:001"],
            "stratum": ["E1", "E1", "E2"],
            "pi": [2 / 3, 1 / 3, 1.0],
            "sampled": [True, False, True],
        }
    )


def test_nothing_was_drawn_from_a_corpus_without_the_file(folder):
    assert read_draws(folder).empty
    assert next_wave(read_draws(folder)) == 1


def test_waves_are_kept_with_their_corpus_and_come_back_to_the_last_digit(folder, drawn):
    record_draw(folder, drawn, DESIGN, wave=1)
    record_draw(folder, drawn.iloc[:2], Design("training", "unsure", 5, "2026-02-01"), wave=2)
    found = read_draws(folder)
    assert found.columns.tolist() == list(COLUMNS)
    first = found[found["wave"] == 1]
    assert first[["segment_id", "stratum", "pi", "sampled"]].equals(
        drawn[["segment_id", "stratum", "pi", "sampled"]].astype(first.dtypes[drawn.columns].to_dict())
    )
    assert set(first["design"]) == {DESIGN.words}
    assert found.loc[found["wave"] == 2, "pi"].isna().all()
    assert next_wave(found) == 3
    assert open_corpus(folder).name == "job_descriptions"


def test_a_recorded_chance_that_was_changed_by_hand_is_noticed(folder, drawn):
    record_draw(folder, drawn, DESIGN, wave=1)
    text = (folder / SAMPLES).read_text(encoding="utf-8")
    (folder / SAMPLES).write_text(text.replace("1.0", "0.9"), encoding="utf-8")
    with pytest.raises(CorpusError, match="changed since its hash"):
        read_draws(folder)


def test_two_waves_of_one_number_are_refused_and_nothing_is_recorded(folder, drawn):
    record_draw(folder, drawn, DESIGN, wave=1)
    before = (folder / SAMPLES).read_bytes()
    with pytest.raises(CorpusError, match="Wave 1 is not the next"):
        record_draw(folder, drawn, DESIGN, wave=1)
    assert (folder / SAMPLES).read_bytes() == before


def test_a_wave_without_a_drawn_segment_or_with_one_twice_is_refused(folder, drawn):
    for wrong in (drawn.assign(sampled=False), pd.concat([drawn, drawn])):
        with pytest.raises(InputError, match="each once"):
            record_draw(folder, wrong, DESIGN, wave=1)
    assert not (folder / SAMPLES).exists()


def test_every_faulty_cell_of_the_record_is_named(folder, drawn):
    record_draw(folder, drawn, DESIGN, wave=1)
    table = pd.read_csv(folder / SAMPLES, dtype="str", keep_default_na=False)
    table.loc[0, "pi"], table.loc[1, "use"], table.loc[2, "sampled"] = "1.5", "fun", "perhaps"
    table.to_csv(folder / SAMPLES, index=False)
    register(folder)
    with pytest.raises(CorpusError) as caught:
        read_draws(folder)
    said = str(caught.value)
    for words in ("row 2: pi = '1.5'", "row 3: use = 'fun'", "row 4: sampled = 'perhaps'"):
        assert words in said
    table.drop(columns="pi").to_csv(folder / SAMPLES, index=False)
    register(folder)
    with pytest.raises(CorpusError, match="the column 'pi' is missing"):
        read_draws(folder)


def test_draws_of_an_encrypted_corpus_are_encrypted_and_read_back(folder, drawn, tmp_path, monkeypatch):
    pytest.importorskip("pyrage")
    from peercompare.safekeeping.encryption import encrypt_corpus

    key = tmp_path / "keys" / "key.txt"
    encrypt_corpus(folder, key_file=key)
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(key))
    record_draw(folder, drawn, DESIGN, wave=1)
    assert not (folder / SAMPLES).exists()
    assert read_draws(folder)["segment_id"].tolist() == drawn["segment_id"].tolist()
    assert read_sample(folder / SAMPLES)["pi"].tolist() == drawn["pi"].tolist()


def test_segments_of_somebody_who_withdraws_leave_the_record_of_draws(corpora_folder, tmp_path):
    from peercompare.cli import main

    folder = copied(corpora_folder / "session_transcripts", tmp_path / "sessions")
    table = pd.read_csv(folder / "segments.csv", dtype="str")[["segment_id"]]
    record_draw(folder, table.assign(stratum="", pi=0.5, sampled=True), DESIGN, wave=1)
    asked = ["consent", "withdraw", "W01", "--corpus", str(folder), "--on", "2026-01-05", "--apply"]
    assert main(asked) == 0
    left = set(pd.read_csv(folder / "segments.csv", dtype="str")["segment_id"])
    assert set(read_draws(folder)["segment_id"]) == left < set(table["segment_id"])
