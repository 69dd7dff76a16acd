"""A training package is open: its project is found and offered, nothing is sent."""

from __future__ import annotations

import dataclasses
import json

import pytest

from sleap_remote_plugin.qt.source_project import find_source


@pytest.fixture
def package(studio):
    """An open package with its project beside it."""
    path = studio.folder / "labels.v001.pkg.slp"
    path.write_text("a package")
    (studio.folder / "labels.v001.slp").write_text("its project")
    studio.host.change(
        dataclasses.replace(
            studio.host.open_project, path=str(path), is_package=True, videos=()
        )
    )
    return path


def ask_for(studio, way):
    if way == "button in SLEAP's dialog":
        studio.run()
    elif way == "menu":
        studio.controller.menu.entries["remote_train"].trigger()
    else:
        studio.dock.predict.click()
    return studio.child("remote_source_question")


@pytest.mark.parametrize("way", ["button in SLEAP's dialog", "menu", "dock"])
def test_the_project_is_explained_and_opened_on_a_click(studio, package, way):
    box = ask_for(studio, way)
    assert "labels.v001.pkg.slp is a training package" in box.text()
    assert str(studio.folder / "labels.v001.slp") in box.text()
    studio.child("remote_source_question_yes").click()
    wanted = ("open", str(studio.folder / "labels.v001.slp"))
    studio.qtbot.waitUntil(lambda: studio.host.calls == [wanted])
    assert studio.session.submissions == []


def test_a_project_that_is_not_found_is_asked_for(studio, package):
    (studio.folder / "labels.v001.slp").unlink()
    box = ask_for(studio, "menu")
    assert "was not found beside it" in box.text()
    studio.child("remote_source_question_yes").click()
    studio.qtbot.waitUntil(lambda: studio.host.calls == [("open", "")])


def test_cancel_changes_nothing(studio, package):
    ask_for(studio, "menu")
    studio.child("remote_source_question_no").click()
    assert studio.host.calls == []
    assert studio.dock.train.isEnabled()
    assert "training package" in studio.dock.train.toolTip()


def job_folder(tmp_path, record=None):
    folder = tmp_path / "labels.slp.training_job.2"
    folder.mkdir()
    if record is not None:
        (folder / "remote-job.json").write_text(record)
    return str(folder / "labels.pkg.slp")


def test_a_package_in_a_jobs_folder_has_its_project_above(tmp_path):
    package = job_folder(tmp_path)
    assert find_source(package) is None
    (tmp_path / "labels.slp").write_text("project")
    assert find_source(package) == tmp_path / "labels.slp"


def test_a_jobs_record_says_it_best(tmp_path):
    elsewhere = tmp_path / "renamed.slp"
    elsewhere.write_text("project")
    (tmp_path / "labels.slp").write_text("another")
    record = json.dumps({"job": {"project": str(elsewhere)}})
    assert find_source(job_folder(tmp_path, record)) == elsewhere


@pytest.mark.parametrize(
    "record", ["", "[]", "{}", '{"job": 1}', '{"job": {"project": "/gone\\u0000"}}']
)
def test_a_damaged_record_is_passed_over(tmp_path, record):
    (tmp_path / "labels.slp").write_text("project")
    assert find_source(job_folder(tmp_path, record)) == tmp_path / "labels.slp"


def test_another_package_is_no_project(tmp_path):
    other = tmp_path / "other.pkg.slp"
    other.write_text("package")
    record = json.dumps({"job": {"project": str(other)}})
    assert find_source(job_folder(tmp_path, record)) is None
