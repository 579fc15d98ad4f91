import pandas as pd
import pytest

from peercompare.corpus import open_corpus, register
from peercompare.errors import ConsentError, CorpusError


def test_a_sound_corpus_opens_with_text_joined_to_documents_and_segments(folder):
    corpus = folder.write().open()
    assert corpus.documents["document_id"].tolist() == ["D1", "D2"]
    assert corpus.documents["text"].iloc[0] == folder.texts["D1"]
    assert corpus.segments["text"].tolist() == ["Café 𝄞 first?", "I was there too.", "How did you sleep?"]
    assert corpus.left_out.empty
    assert (corpus.documents["corpus"] == "two_sessions").all()
    assert (corpus.documents["genre"] == "session_transcript").all()


def test_tables_come_with_their_types(folder):
    corpus = folder.write().open()
    assert pd.api.types.is_datetime64_any_dtype(corpus.documents["date"])
    assert corpus.segments[["position", "start", "end"]].dtypes.eq("int64").all()
    assert corpus.codings["is_primary"].dtype == bool
    assert list(corpus.markers.columns) == ["document_id", "coder_id", "marker", "finding", "segment_ids"]
    assert corpus.markers.empty
    assert corpus.events.empty


def test_a_public_corpus_opens_without_a_day_under_another_framework(garden, tiny_framework):
    corpus = open_corpus(garden.write().path, framework=tiny_framework)
    assert corpus.as_of is None
    assert corpus.segments["text"].tolist() == ["The shed stands open.", "I weigh the beans"]
    assert corpus.permits("quotation").tolist() == [True, True]
    assert corpus.markers["marker"].tolist() == ["open_shed"]
    assert corpus.role_types["role_type"].tolist() == ["warden"]


def test_a_framework_file_beside_the_tables_is_found(garden, data_folder):
    garden.manifest["framework"] = "garden.toml"
    garden.path.mkdir()
    (garden.path / "garden.toml").write_bytes((data_folder / "tiny_framework.toml").read_bytes())
    assert open_corpus(garden.write().path).framework.id == "garden2020"


def test_segments_come_in_the_order_of_documents_and_text(folder):
    folder.tables["segments.csv"].reverse()
    assert folder.write().open().segments["segment_id"].tolist() == ["D1:1", "D1:2", "D2:1"]


def test_line_ends_are_never_translated(folder):
    folder.texts["D2"] = folder.texts["D2"].replace("\n", "\r\n")
    corpus = folder.write().open()
    assert corpus.documents["text"].iloc[1].count("\r\n") == 3
    assert corpus.segments["text"].iloc[2] == "How did you sleep?"


def test_a_table_saved_with_a_byte_order_mark_is_read(folder):
    folder.write()
    table = folder.path / "documents.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    register(folder.path)
    assert len(folder.open().documents) == 2


def test_the_corpus_hash_follows_files_consent_purpose_and_policy(folder):
    first = folder.write().open()
    assert folder.open().sha256 == first.sha256
    assert folder.open(policy="raise").sha256 != first.sha256
    assert folder.open(purpose=["analysis", "training"]).sha256 != first.sha256
    folder.change("consents.csv", 1, purposes="analysis").write()
    assert folder.open().sha256 != first.sha256


def test_a_day_is_required_where_people_speak(folder):
    with pytest.raises(ConsentError, match=r"as_of \(on the command line: --as-of DAY\)"):
        open_corpus(folder.write().path)


@pytest.mark.parametrize("day", ["30.6.2024", "2024-02-30", "", 20240630])
def test_a_day_that_is_none_is_refused(folder, day):
    with pytest.raises(ConsentError, match="is not a day"):
        folder.write().open(as_of=day)


def test_unknown_purpose_and_policy_are_refused_with_the_allowed_ones(folder):
    folder.write()
    with pytest.raises(ConsentError, match="quotation"):
        folder.open(purpose="fun")
    with pytest.raises(ConsentError, match="redact"):
        folder.open(policy="ignore")
    with pytest.raises(ConsentError):
        folder.open(purpose=[])


def test_a_day_may_be_a_date(folder):
    corpus = folder.write().open(as_of=pd.Timestamp("2024-01-31"))
    assert str(corpus.as_of) == "2024-01-31"


def test_register_keeps_what_stands_in_the_manifest_and_leaves_consents_out(folder):
    folder.write()
    manifest = folder.path / "corpus.toml"
    manifest.write_text("# a note\n" + manifest.read_text(encoding="utf-8"), encoding="utf-8")
    before = manifest.read_text(encoding="utf-8")
    assert register(folder.path).read_text(encoding="utf-8") == before
    assert "consents.csv" not in before
    assert '"texts/D1.txt" = ' in before


def test_register_refuses_a_folder_without_a_manifest(tmp_path):
    with pytest.raises(CorpusError, match="no corpus"):
        register(tmp_path)


def test_hidden_files_of_an_editor_do_no_harm(folder):
    folder.write()
    (folder.path / ".DS_Store").write_bytes(b"x")
    assert len(folder.open().documents) == 2
