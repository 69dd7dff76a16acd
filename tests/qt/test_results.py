"""Load, undo, models, metrics, cancel, folder."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QDesktopServices

from sleap_remote_plugin.errors import ResultsDamaged, ResultsMissing
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.loads import LoadMode
from sleap_remote_plugin.session.collect import Results
from sleap_remote_plugin.session.predicted import PredictionFile
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


def load(studio, mode="remote_load_replace"):
    """Press the button, choose, and agree."""
    press(studio, "remote_load_predictions")
    studio.child(mode).setChecked(True)
    press(studio, "remote_load_accept")


def test_a_preview_says_what_a_load_will_change(studio, finished):
    press(studio, "remote_load_predictions")
    dialog = studio.child("remote_load_dialog")
    assert not dialog.isModal()
    text = studio.child("remote_load_what").text()
    assert "20 predicted instances on 10 frames, 4 of which you labelled" in text
    assert "On 2 more frames no animal was found" in text
    outcome = studio.child("remote_load_outcome")
    assert "7 predictions will be replaced" in outcome.text()
    studio.child("remote_load_clear").setChecked(True)
    assert "10 predictions will be removed" in outcome.text()
    studio.child("remote_load_add").setChecked(True)
    assert "None is removed" in outcome.text()
    press(studio, "remote_load_cancel")
    studio.qtbot.waitUntil(lambda: not dialog.isVisible())
    assert [call[0] for call in studio.host.calls] == ["read"]


def test_predictions_are_merged_in_slices_and_can_be_taken_back(studio, finished):
    load(studio)
    undo = studio.child("remote_undo_load")
    assert studio.host.calls.count(("slice", threading.main_thread())) == 5
    assert studio.host.calls[-1] == ("merge", LoadMode.REPLACE)
    text = studio.dock.notice.label.text()
    assert "20 predicted instances on 10 frames; 7 predictions of before went" in text
    studio.qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert studio.host.calls[-1] == "undo"
    assert not undo.isVisible()


@pytest.mark.parametrize("mode", list(LoadMode))
def test_what_was_chosen_is_done(studio, finished, mode):
    load(studio, "remote_load_" + mode.value)
    studio.child("remote_undo_load")
    assert studio.host.calls[-1] == ("merge", mode)


@pytest.mark.parametrize(
    ("asked", "mode"),
    [({}, "replace"), ({"existing": "clear"}, "clear"), ({"existing": "?"}, "replace")],
)
def test_the_choice_in_sleaps_dialog_is_proposed(studio, finished, asked, mode):
    studio.show_jobs(finished.changed(request=asked))
    press(studio, "remote_load_predictions")
    assert studio.child("remote_load_" + mode).isChecked()
    press(studio, "remote_load_cancel")


def test_a_load_can_be_stopped_half_way(studio, finished, monkeypatch):
    def endless(loaded, mode):
        while True:
            yield 1, 5

    monkeypatch.setattr(studio.host, "merging", endless)
    load(studio)
    press(studio, "remote_progress_cancel")
    label = studio.dock.notice.label
    studio.qtbot.waitUntil(lambda: "the project is as it was" in label.text())
    assert not studio.dock.progress.isVisible()
    assert not studio.dock.notice.button.isVisible()
    assert not studio.controller.results.loading.is_busy


def test_each_thing_that_is_done_has_its_own_cancel(studio, finished, monkeypatch):
    gate, read = threading.Event(), studio.host.read_predictions
    monkeypatch.setattr(
        studio.host, "read_predictions", lambda *args: (gate.wait(30), read(*args))[1]
    )
    studio.session.connect_gate.clear()
    for _ in range(2):
        studio.run()
        press(studio, "remote_submit")
    first, second = studio.controller.sending.under_way
    studio.dock.select(finished.uid)
    press(studio, "remote_load_predictions")
    lines = studio.controller.words.doings.lines
    studio.qtbot.waitUntil(lambda: len(lines) == 3 and lines[2].isVisible())
    assert [line.button.text() for line in lines] == ["Cancel"] * 3
    assert "Reading the predictions" in lines[2].label.text()
    assert "Reading the predictions" in lines[2].button.accessibleDescription()

    press(studio, "remote_progress_cancel_3")
    studio.qtbot.waitUntil(lambda: "was stopped" in studio.dock.notice.label.text())
    assert not lines[2].isVisible()
    press(studio, "remote_progress_cancel_2")
    assert (first.is_cancelled, second.is_cancelled) == (False, True)
    assert lines[0].label.text() == "Connecting to Practice HPC"
    assert "Nothing will be left behind" in lines[1].label.text()
    assert not lines[1].button.isVisible()

    gate.set()
    studio.session.connect_gate.set()
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert len(studio.session.submissions) == 1
    assert [line.label.text() for line in lines] == [""] * 3


def test_a_load_that_fails_half_way_is_a_sentence(studio, finished, monkeypatch):
    def failing(loaded, mode):
        yield 1, 5
        raise ResultsDamaged("Another project was opened. Nothing was loaded.")

    monkeypatch.setattr(studio.host, "merging", failing)
    load(studio)
    assert "Another project was opened" in message(studio)
    assert not studio.controller.results.loading.is_busy


def test_frames_that_undo_leaves_alone_are_told(studio, finished):
    load(studio)
    undo = studio.child("remote_undo_load")
    studio.host.left_by_undo = 3
    studio.qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert "3 frames got other predictions since" in studio.dock.notice.label.text()


def test_two_loads_are_taken_back_one_by_one(studio, finished):
    loading = studio.controller.results.loading
    for count in (1, 2):
        load(studio)
        studio.qtbot.waitUntil(
            lambda count=count: studio.host.merges == count and not loading.is_busy
        )
    undo = studio.child("remote_undo_load")
    studio.qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert "takes the load before it back, too" in studio.dock.notice.label.text()
    studio.qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert not undo.isVisible()


def test_empty_predictions_are_said_and_change_nothing(studio, finished):
    studio.host.predicted = 0
    press(studio, "remote_load_predictions")
    label = studio.dock.notice.label
    studio.qtbot.waitUntil(lambda: "found no animal" in label.text())
    assert [call[0] for call in studio.host.calls] == ["read"]
    assert not studio.dock.notice.button.isVisible()


def test_the_file_is_read_for_the_projects_own_video(studio, finished):
    load(studio)
    studio.child("remote_undo_load")
    assert studio.host.calls[0] == (
        "read",
        studio.folder / "p.slp",
        (PredictionFile(studio.folder / "p.slp", "mouse.mp4", 0).meant,),
    )


def test_a_load_of_several_videos_is_taken_back_as_one(studio, finished):
    one = PredictionFile(studio.folder / "p.slp", "mouse.mp4", 0)
    studio.session.results = lambda job: Results((), (one, one, one))
    load(studio)
    undo = studio.child("remote_undo_load")
    assert "60 predicted instances on 30 frames" in studio.dock.notice.label.text()
    studio.qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert studio.host.calls.count("undo") == 1


def test_a_project_under_another_name_is_loaded_into_and_told(studio, finished):
    studio.host.change(dataclasses.replace(studio.host.open_project, path="/b.slp"))
    press(studio, "remote_load_predictions")
    assert "has another name" in studio.child("remote_load_remark").text()


def test_predictions_of_another_project_can_be_opened_on_their_own(studio, finished):
    studio.host.other_project = True
    press(studio, "remote_load_predictions")
    question = studio.child("remote_load_alone")
    assert finished.project in question.text()
    press(studio, "remote_load_alone_yes")
    studio.qtbot.waitUntil(lambda: studio.host.calls[-1] == ("open", "labels"))
    wanted = ((studio.folder / "p.slp", "mouse.mp4"),)
    assert studio.host.calls[-2] == ("alone", wanted)


def test_with_no_project_open_they_are_offered_on_their_own(studio, finished):
    studio.host.change(None)
    press(studio, "remote_load_predictions")
    question = studio.child("remote_load_alone")
    assert "No project is open" in question.text()
    press(studio, "remote_load_alone_no")
    assert studio.host.calls == []


def test_a_package_is_not_loaded_into(studio, finished):
    project = dataclasses.replace(studio.host.open_project, is_package=True)
    studio.host.change(project)
    press(studio, "remote_load_predictions")
    text = message(studio)
    assert "training package" in text
    assert finished.project in text
    assert studio.host.calls == []


def test_opening_another_project_ends_the_undo(studio, finished):
    load(studio)
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
    run = studio.folder / "models" / "a"
    run.mkdir(parents=True)
    (run / "best.ckpt").write_bytes(b"PK weights")
    (run / "training_config.yaml").write_text("model_config: {}\n")
    job = a_job(state=JobState.COMPLETED, project=studio.host.open_project.path)
    studio.show_jobs(job)
    press(studio, "remote_predict_button")
    studio.qtbot.waitUntil(lambda: bool(studio.host.calls))
    assert studio.host.calls[0] == ("offer", (run,))


def test_models_that_this_sleap_cannot_load_are_not_offered(studio):
    run = studio.folder / "models" / "a"
    run.mkdir(parents=True)
    (run / "best_model.h5").write_bytes(b"\x89HDF weights")
    (run / "training_config.json").write_text('{"model": {}}')
    job = a_job(state=JobState.COMPLETED, project=studio.host.open_project.path)
    studio.show_jobs(job)
    press(studio, "remote_predict_button")
    studio.qtbot.waitUntil(lambda: bool(studio.host.dialogs))
    assert "offer" not in [call[0] for call in studio.host.calls]


def test_a_prediction_runs_on_the_sleap_that_trained_its_models(studio):
    run = studio.folder / "mouse.mp4.model"  # what the stand-in's dialog has chosen
    run.mkdir()
    (run / "best_model.h5").write_bytes(b"\x89HDF weights")
    (run / "training_config.json").write_text('{"model": {}}')
    asked = []
    studio.session.choose_module = lambda generation, version: (
        asked.append(generation) or SleapModule("SLEAP/2025-09-30", "1.3.4")
    )
    studio.run("inference")
    dialog = studio.child("remote_submit_dialog")
    studio.qtbot.waitUntil(lambda: dialog.module().sleap == "1.3.4")
    assert asked == [Generation.LEGACY]
    dialog.reject()


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


@pytest.mark.parametrize(
    ("state", "asked", "named"),
    [
        (JobState.QUEUED, "afterok:417", True),
        (JobState.QUEUED, "afterany:417", False),
        (JobState.CANCELLED, "afterok:417", False),
    ],
)
def test_before_a_training_is_cancelled_its_waiting_prediction_is_named(
    studio, state, asked, named
):
    training = a_job("t", state=JobState.RUNNING)
    prediction = a_job(
        "p",
        name="labels {predictions}",
        kind=JobKind.PREDICT,
        state=state,
        resources=Resources(dependency=asked),
    )
    studio.show_jobs(prediction, training)
    studio.dock.select("t")
    press(studio, "remote_cancel_job")
    question = studio.child("remote_cancel_question")
    assert ("“labels {predictions}” is cancelled too" in question.text()) == named
    button = studio.child("remote_cancel_question_yes")
    assert button.text() == ("Stop these jobs" if named else "Stop the job")
    question.reject()


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
