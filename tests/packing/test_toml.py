"""The study file of a package asks the same questions, by paths of the package."""

import pytest

from peercompare.packing.toml import packaged_settings, settings_text
from peercompare.study.settings import read_settings


@pytest.mark.parametrize("which", ["default", "small"])
def test_a_packaged_study_file_reads_back_as_the_study_with_other_paths(
    which, request, small_study_file, tmp_path
):
    default = request.config.rootpath / "notebooks" / "study.toml"
    settings = read_settings(default if which == "default" else small_study_file)
    paths = [f"corpora/c{n}" for n in range(len(settings.corpus))]
    wanted = packaged_settings(settings, paths, framework="framework.toml")
    path = tmp_path / "study.toml"
    path.write_text(settings_text(wanted), encoding="utf-8")
    assert read_settings(path) == wanted
    assert [section.path for section in wanted.corpus] == paths
    assert not any(section.individual_feedback or section.predictions for section in wanted.corpus)
    for old, new in zip(settings.corpus, wanted.corpus, strict=True):
        assert (new.groups, new.slope, new.anchor) == (old.groups, old.slope, old.anchor)


def test_a_title_with_quotes_and_other_scripts_comes_back(small_study_file, tmp_path):
    settings = read_settings(small_study_file)
    title = 'He said "no"\\ \n دعم الأقران 🙂'
    settings = settings.model_copy(update={"study": settings.study.model_copy(update={"title": title})})
    path = tmp_path / "study.toml"
    path.write_text(settings_text(settings), encoding="utf-8")
    assert read_settings(path).study.title == title
