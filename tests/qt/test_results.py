"""Load, undo, models, metrics, cancel, folder."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QDesktopServices

from sleap_remote_plugin.errors import ResultsDamaged, ResultsMissing
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.session.collect import PredictionFile, Results
from tests.qt.standins import a_job


@pytest.fixture
def finished(studio):
    """A finished prediction of the open project, selected."""
    job = a_job(
        kind=JobKind.PREDICT,
        state=JobState.COMPLETED,
        project=studio.host.open_project.path,
    )
    studio.show_jobs(job)
    return job


def press(studio, name):
    studio.qtbot.mouseClick(studio.child(name), Qt.MouseButton.LeftButton)


def message(studio):
    box = studio.child("remote_message")
    text = box.text()
    box.close()
    return text


def test_predictions_are_merged_on_the_gui_thread_and_can_be_taken_back(
    studio, finished
):
    press(studio, "remote_load_predictions")
    undo = studio.child("remote_undo_load")
    assert ("merge", threading.main_thread()) in studio.host.calls
    assert "20 predicted instances on 10 frames" in studio.dock.notice.label.text()
    studio.qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert studio.host.calls[-1] == "undo"
    assert not undo.isVisible()


def test_empty_predictions_are_said_and_change_nothing(studio, finished):
    studio.host.predicted = 0
    press(studio, "remote_load_predictions")
    label = studio.dock.notice.label
    studio.qtbot.waitUntil(lambda: "found no animal" in label.text())
    assert [call[0] for call in studio.host.calls] == ["read"]
    assert not studio.dock.notice.button.isVisible()


def test_the_file_is_read_for_the_projects_own_video(studio, finished):
    press(studio, "remote_load_predictions")
    studio.child("remote_undo_load")
    assert studio.host.calls[0] == (
        "read",
        studio.folder / "p.slp",
        (("mouse.mp4", 0),),
    )


def test_a_load_of_several_videos_is_taken_back_as_one(studio, finished):
    one = PredictionFile(studio.folder / "p.slp", "mouse.mp4", 0)
    studio.session.results = lambda job: Results((), (one, one, one))
    press(studio, "remote_load_predictions")
    undo = studio.child("remote_undo_load")
    assert "60 predicted instances on 30 frames" in studio.dock.notice.label.text()
    studio.qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert studio.host.calls.count("undo") == 3


def test_predictions_of_another_project_are_not_loaded(studio, finished):
    studio.host.open_project = dataclasses.replace(
        studio.host.open_project, path="/mnt/lab/other.slp"
    )
    press(studio, "remote_load_predictions")
    assert "made for another project" in message(studio)
    assert studio.host.calls == []


def test_opening_another_project_ends_the_undo(studio, finished):
    press(studio, "remote_load_predictions")
    undo = studio.child("remote_undo_load")
    studio.host.change(dataclasses.replace(studio.host.open_project, path="/b.slp"))
    assert not undo.isVisible()


@pytest.mark.parametrize("error", [ResultsMissing, ResultsDamaged])
def test_missing_or_damaged_results_are_a_sentence(studio, finished, error):
    def fail(*_args):
        raise error("The file is not whole. Nothing was loaded.")

    studio.host.read_predictions = fail
    press(studio, "remote_load_predictions")
    assert "Nothing was loaded" in message(studio)
    assert studio.host.calls == []


def test_a_surprise_is_a_sentence_too(studio, finished):
    studio.host.read_predictions = lambda *_: 1 / 0
    press(studio, "remote_load_predictions")
    text = message(studio)
    assert "did not expect" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("button", "call"),
    [("remote_use_models", "offer"), ("remote_show_metrics", "metrics")],
)
def test_models_go_to_sleaps_own_windows(studio, button, call):
    studio.show_jobs(a_job(state=JobState.COMPLETED))
    press(studio, button)
    wanted = (call, (studio.folder / "models" / "a",))
    studio.qtbot.waitUntil(lambda: wanted in studio.host.calls)


def test_predict_offers_the_models_of_this_project(studio):
    job = a_job(state=JobState.COMPLETED, project=studio.host.open_project.path)
    studio.show_jobs(job)
    press(studio, "remote_predict_button")
    studio.qtbot.waitUntil(lambda: bool(studio.host.calls))
    assert studio.host.calls[0][0] == "offer"


def test_cancelling_asks_and_the_default_is_no(studio):
    studio.show_jobs(a_job(state=JobState.RUNNING))
    cancelled = []
    studio.session.cancel = lambda job: cancelled.append(job) or job
    press(studio, "remote_cancel_job")
    question = studio.child("remote_cancel_question")
    studio.qtbot.keyClick(question, Qt.Key.Key_Return)
    studio.qtbot.waitUntil(lambda: not question.isVisible())
    assert cancelled == []
    press(studio, "remote_cancel_job")
    press(studio, "remote_cancel_question_yes")
    studio.qtbot.waitUntil(lambda: len(cancelled) == 1)


def test_the_folder_is_opened_by_the_desktop(studio, monkeypatch):
    opened = []
    monkeypatch.setattr(
        QDesktopServices,
        "openUrl",
        lambda url: opened.append(url.toLocalFile()) or True,
    )
    studio.show_jobs(a_job(state=JobState.COMPLETED))
    with studio.qtbot.waitSignal(studio.controller.results.folder_opened):
        press(studio, "remote_open_folder")
    assert opened == [str(studio.folder)]
