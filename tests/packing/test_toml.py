"""The study file of a package asks the same questions, by paths of the package."""

import pytest

from peercompare.packing.toml import packaged_settings, settings_text
from peercompare.study.settings import ContextSection, read_settings


@pytest.mark.parametrize("which", ["default", "small"])
def test_a_packaged_study_file_reads_back_as_the_study_with_other_paths(
    which, request, small_study_file, tmp_path
):
    default = request.config.rootpath / "notebooks" / "study.toml"
    settings = read_settings(default if which == "default" else small_study_file)
    paths = [f"corpora/c{n}" for n in range(len(settings.corpus))]
    wanted = packaged_settings(
        settings, paths, framework="framework.toml", outside={paths[-1]: "outside/c.csv"}
    )
    path = tmp_path / "study.toml"
    path.write_text(settings_text(wanted), encoding="utf-8")
    assert read_settings(path) == wanted
    assert [section.path for section in wanted.corpus] == paths
    assert not any(section.individual_feedback or section.predictions for section in wanted.corpus)
    for old, new in zip(settings.corpus, wanted.corpus, strict=True):
        assert (new.groups, new.slope, new.anchor) == (old.groups, old.slope, old.anchor)
        assert new.differences == old.differences
        assert (new.context is None) is (old.context is None)


def test_scores_from_outside_are_named_where_they_are_in_the_package_alone(small_study_file):
    settings = read_settings(small_study_file)
    context = ContextSection(external="/somewhere/else.csv", events=["billing_rule"])
    sections = [section.model_copy(update={"context": context}) for section in settings.corpus]
    given = settings.model_copy(update={"corpus": sections})
    outside = {"b": "outside/b.csv"}
    found = packaged_settings(given, ["a", "b"], framework="deegan2017", outside=outside).corpus
    assert [section.context.external for section in found] == [None, "outside/b.csv"]
    assert found[0].context.events == ["billing_rule"]


def test_a_title_with_quotes_and_other_scripts_comes_back(small_study_file, tmp_path):
    settings = read_settings(small_study_file)
    title = 'He said "no"\\ \n دعم الأقران 🙂'
    settings = settings.model_copy(update={"study": settings.study.model_copy(update={"title": title})})
    path = tmp_path / "study.toml"
    path.write_text(settings_text(settings), encoding="utf-8")
    assert read_settings(path).study.title == title
