"""*Next round*: a new file, the old one untouched, training set as it was."""

from __future__ import annotations

import dataclasses

import pytest
from qtpy.QtWidgets import QMessageBox

from sleap_remote_plugin.errors import RoundNotBegun
from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from tests.qt.standins import a_job
from tests.qt.test_submission import message, press


@pytest.fixture
def project(studio):
    """The open project, really on disk."""
    path = studio.folder / "labels.v001.slp"
    path.write_bytes(b"as it was saved")
    studio.host.change(dataclasses.replace(studio.host.open_project, path=str(path)))
    return path


def training(studio, project, **values):
    """A training of that project with its package, as `export` leaves it."""
    folder = studio.folder / "labels.v001.slp.training_job"
    folder.mkdir()
    (folder / "labels.pkg.slp").write_bytes(b"images")
    studio.host.write_configs(None, folder)
    studio.session.local_folder = lambda job: studio.folder / job.folder.split("/")[-1]
    return a_job(
        "t1",
        name="labels top-down",
        project=str(project),
        folder="/ceph/lab/labels.v001.slp.training_job",
        tasks=(Task("centroid", "models/a"),),
        state=JobState.COMPLETED,
        module="SLEAP/2026-05-08",
        **values,
    )


def prediction(project):
    return a_job(
        "p1",
        name="one video",
        kind=JobKind.PREDICT,
        project=str(project),
        folder="/ceph/lab/labels.v001.slp.prediction_job",
        tasks=(Task("mouse.mp4", "predictions/mouse.predictions.slp", "mouse.mp4", 0),),
        state=JobState.COMPLETED,
        slurm_id="418",
    )


def begin(studio):
    studio.controller.begin_round()
    studio.qtbot.waitUntil(
        lambda: "is saved and open" in studio.dock.notice.label.text()
    )
    return studio.dock.notice.label.text()


def visible(studio, name):
    return studio.dock.results[name].isVisibleTo(studio.dock)


def test_the_project_goes_on_under_its_next_number(studio, project):
    said = begin(studio)
    assert studio.host.open_project.path == str(studio.folder / "labels.v002.slp")
    assert (studio.folder / "labels.v002.slp").read_bytes() == b"saved"
    assert project.read_bytes() == b"as it was saved"
    assert "labels.v001.slp stays as it was saved last" in said
    assert "labels.rounds.md" in said


def test_training_is_set_as_the_last_one_was(studio, project):
    studio.show_jobs(training(studio, project))
    said = begin(studio)
    folder = studio.folder / "labels.v001.slp.training_job"
    like = [call for call in studio.host.calls if call[0] == "like"]
    studio.qtbot.waitUntil(lambda: bool(like) or "like" in str(studio.host.calls))
    (like,) = [call for call in studio.host.calls if call[0] == "like"]
    assert like[1] == (folder / "centroid.yaml",)
    assert like[2] == (studio.folder / "models" / "a",)
    assert "Training is set as in “labels top-down”" in said


def test_what_came_before_is_written_for_people(studio, project):
    jobs = (prediction(project), training(studio, project))
    studio.show_jobs(*jobs)
    studio.controller.next_round.note_load(jobs[0])
    studio.qtbot.waitUntil(lambda: studio.session.loads.of(str(project)) == ("p1",))
    begin(studio)
    text = (studio.folder / "labels.rounds.md").read_text("utf-8")
    assert "## labels.v002.slp" in text
    assert "- from `labels.v001.slp`" in text
    assert "- frames with labels: 212" in text
    assert "- trained: labels top-down (Practice HPC, SLURM job 417" in text
    assert "  - centroid: `labels.v001.slp.training_job/models/a`" in text
    assert "- predictions loaded: one video (Practice HPC, SLURM job 418" in text
    assert "predictions/mouse.predictions.slp" in text


def test_a_load_that_was_taken_back_is_not_told_of(studio, project):
    job = prediction(project)
    studio.show_jobs(job)
    studio.controller.next_round.note_load(job)
    studio.controller.next_round.note_undo()
    begin(studio)
    assert studio.session.loads.of(str(project)) == ()
    text = (studio.folder / "labels.rounds.md").read_text("utf-8")
    assert "- predictions loaded: none" in text


def test_rounds_follow_each_other_and_the_settings_with_them(studio, project):
    studio.show_jobs(training(studio, project))
    begin(studio)
    studio.dock.notice.say("")
    said = begin(studio)
    assert studio.host.open_project.path.endswith("labels.v003.slp")
    assert "Training is set as in “labels top-down”" in said
    text = (studio.folder / "labels.rounds.md").read_text("utf-8")
    assert text.count("\n## ") == 2


def test_the_button_comes_with_the_load_and_goes_with_its_undo(studio, project):
    job = prediction(project)
    studio.show_jobs(job)
    assert not visible(studio, "remote_next_round")
    studio.controller.next_round.note_load(job)
    assert visible(studio, "remote_next_round")
    studio.controller.next_round.note_undo()
    assert not visible(studio, "remote_next_round")


def test_the_button_begins_a_round(studio, project):
    job = prediction(project)
    studio.show_jobs(job)
    studio.controller.next_round.note_load(job)
    press(studio, "remote_next_round")
    studio.qtbot.waitUntil(lambda: (studio.folder / "labels.v002.slp").exists())
    studio.qtbot.waitUntil(lambda: "is saved" in studio.dock.notice.label.text())


def test_a_save_that_fails_leaves_no_file_and_no_word(studio, project):
    def fail(path):
        raise RoundNotBegun("SLEAP could not save it.")

    studio.host.save_as = fail
    studio.controller.begin_round()
    assert "could not save" in message(studio)
    studio.qtbot.waitUntil(lambda: not (studio.folder / "labels.v002.slp").exists())
    assert not (studio.folder / "labels.rounds.md").exists()
    assert studio.host.open_project.path == str(project)


def test_another_project_that_was_opened_meanwhile_is_not_saved_as_this_one(
    studio, project
):
    other = dataclasses.replace(studio.host.open_project, path="/elsewhere/other.slp")
    studio.controller.begin_round()
    studio.host.open_project = other
    assert "Another project was opened" in message(studio)
    assert "save as" not in studio.host.calls
    studio.qtbot.waitUntil(lambda: not (studio.folder / "labels.v002.slp").exists())


def test_words_that_cannot_be_written_down_are_shown(studio, project):
    for name in ("labels.rounds.md", "labels.v002.rounds.md"):
        (studio.folder / name).mkdir()
    studio.controller.begin_round()
    box = studio.child("remote_message")
    assert isinstance(box, QMessageBox)
    text = box.text() + box.informativeText() + box.detailedText()
    box.close()
    assert "saved and open" in text
    assert "## labels.v002.slp" in text
    assert (studio.folder / "labels.v002.slp").read_bytes() == b"saved"


@pytest.mark.parametrize(
    ("values", "words"),
    [({"path": ""}, "never saved"), ({"is_package": True}, "training package")],
)
def test_what_has_no_next_round_says_why_in_the_menu(studio, values, words):
    studio.host.change(dataclasses.replace(studio.host.open_project, **values))
    action = studio.controller.menu.entries["remote_next_round"]
    assert not action.isEnabled()
    assert words in action.toolTip()


def test_the_file_of_rounds_is_named_under_files(studio, project):
    (studio.folder / "labels.rounds.md").write_text("# Rounds\n")
    studio.show_jobs(prediction(project))
    table = studio.dock.details.files.table
    rows = lambda: [table.topLevelItem(n) for n in range(table.topLevelItemCount())]  # noqa: E731
    studio.qtbot.waitUntil(
        lambda: any(
            row.text(0) == "Rounds" and "labels.rounds.md" in row.text(1)
            for row in rows()
        )
    )
