"""*Train then predict...*: its entry, its row, both jobs, one that is owed."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QWidget

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind, JobState, job_to_dict
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog, WhatToRun
from sleap_remote_plugin.qt.dialogs.then_predict import (
    ThenPredict,
    ThenRow,
    frames_in_words,
)
from tests.qt.standins import a_job, a_profile
from tests.qt.test_submission import left_over


def press(studio, name):
    studio.qtbot.mouseClick(studio.child(name), Qt.MouseButton.LeftButton)


def message(studio):
    box = studio.child("remote_message")
    text = box.text()
    box.close()
    return text


def begin(studio, entry="remote_train_then_predict"):
    """Choose an entry of the menu, and press our button in SLEAP's dialog."""
    studio.controller.menu.entries[entry].trigger()
    dialog = studio.host.dialogs[-1]
    studio.host.run_callbacks[dialog]()
    return dialog


def jobs_of(studio):
    return {job.kind: job for job in studio.dock.model.jobs()}


def a_training(**values):
    then = a_job(
        "p1",
        kind=JobKind.PREDICT,
        slurm_id="",
        folder="/ceph/lab/labels.slp.prediction_job",
        request={"after": "u1", "videos": [{"path": "/mnt/lab/mouse.mp4"}]},
    )
    values.setdefault("state", JobState.QUEUED)
    return a_job("u1", then=job_to_dict(then), **values)


def test_both_jobs_are_sent_with_three_clicks_and_the_row_is_ticked(studio):
    begin(studio)
    assert "frames offered" in studio.host.calls
    row = studio.child("remote_submit_dialog").then
    assert row.is_wanted
    assert row.what.text() == "On all of mouse.mp4"
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 2)
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    (then,) = studio.session.chains
    assert then.request.videos == studio.host.videos
    assert then.request.models == ()
    assert then.name == "labels predictions"
    assert ("endings", 1) in studio.host.calls
    assert set(jobs_of(studio)) == {JobKind.TRAIN, JobKind.PREDICT}
    assert studio.dock.selected_job().kind is JobKind.TRAIN
    assert "follows by itself" in studio.dock.notice.label.text()


def test_a_plain_training_offers_it_and_sends_one_job(studio):
    begin(studio, "remote_train")
    row = studio.child("remote_submit_dialog").then
    assert row.box.isEnabled()
    assert not row.is_wanted
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.session.chains == []
    assert not any(call == ("endings", 1) for call in studio.host.calls)


def test_sleaps_dialog_is_meant_so_only_until_it_is_closed(studio):
    studio.controller.menu.entries["remote_train_then_predict"].trigger()
    dialog = studio.host.dialogs[-1]
    assert studio.controller.chaining.is_meant(dialog)
    dialog.reject()
    assert not studio.controller.chaining.is_meant(dialog)


def test_frames_that_cannot_be_predicted_on_stop_it_before_anything_is_sent(studio):
    studio.host.nothing_to_predict = "No frame is chosen to predict on."
    begin(studio)
    assert message(studio) == "No frame is chosen to predict on."
    assert studio.session.submissions == []

    begin(studio, "remote_train")  # a training alone does not need them
    row = studio.child("remote_submit_dialog").then
    assert not row.box.isEnabled()
    assert row.why_not.text() == "No frame is chosen to predict on."
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))


def test_what_the_prediction_asks_for_is_checked_and_sent(studio):
    begin(studio)
    dialog = studio.child("remote_submit_dialog")
    row = dialog.then
    assert "16 CPUs" in row.asks.text() or "8 CPUs" in row.asks.text()
    press(studio, "remote_then_change")
    row.memory.setText("lots")
    assert not dialog.submit.isEnabled()
    beside = studio.child("remote_then_memory_problem")
    assert beside.text().startswith("Memory is a number")
    assert dialog.problem.text() == ""
    press(studio, "remote_then_change")  # folded, it is said below
    assert "Prediction: Memory is a number" in dialog.problem.text()
    studio.qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert row.page.isVisible()
    assert "Main memory" in row.memory.whatsThis()
    row.memory.setText("48G")
    row.time.setText("3:00:00")
    row.suggest(Resources(memory=2**30))  # what comes late does not undo it
    assert dialog.submit.isEnabled()
    row.box.setChecked(False)
    row.memory.setText("lots")
    assert dialog.submit.isEnabled()
    row.memory.setText("48G")
    row.box.setChecked(True)
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.chains))
    asked = studio.session.chains[0].resources
    assert (asked.memory, asked.time) == (48 * 2**30, 3 * 3600)


def test_the_profiles_rules_hold_for_the_prediction_beside_its_fields(qtbot):
    rules = (
        FieldRule("cpus", most=8, help="Loads the videos."),
        FieldRule("partition", fixed="gpu"),
        FieldRule("time", hidden=True),
    )
    asked = Resources(cpus=4, partition="gpu")
    row = ThenRow(ThenPredict("12 videos", True), asked, a_profile(rules=rules))
    qtbot.addWidget(row)
    assert row.found_problems() == []
    assert "Loads the videos." in row.fields.cpus.whatsThis()
    assert row.findChild(QLabel, "remote_then_partition_fixed").text() == "gpu"
    row.change.setChecked(True)
    row.fields.cpus.setValue(16)
    row.judge(())
    (problem,) = row.found_problems()
    assert problem.text.startswith("Prediction: ")
    assert row.is_beside(problem.field)
    said = row.findChild(QLabel, "remote_then_cpus_problem")
    assert said.text() in problem.text
    assert not row.is_beside("then_time")  # hidden: it is said below
    row.box.setChecked(False)
    assert row.found_problems() == []


def test_a_number_without_its_unit_is_told_beside_the_predictions_fields_too(qtbot):
    what = WhatToRun(
        "centroid", "212 frames", "labels", then=ThenPredict("a.mp4", True)
    )
    dialog = SubmitDialog(a_profile(), what, JobKind.TRAIN, Generation.CURRENT)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.then.change.click()
    dialog.then.time.setText("6")
    note = dialog.then.rows["time"].notes["time"].label
    assert note.isVisible()
    assert "For 6 hours, type 6:00:00" in note.text()
    assert dialog.submit.isEnabled()


def test_no_two_widgets_of_the_dialog_have_one_name(studio):
    begin(studio)
    dialog = studio.child("remote_submit_dialog")
    names = [one.objectName() for one in dialog.findChildren(QWidget)]
    ours = [name for name in names if name.startswith("remote_")]
    dialog.reject()
    assert sorted(set(ours)) == sorted(ours)


def test_the_script_that_is_shown_is_both_jobs_while_both_are_wanted(studio):
    begin(studio)
    dialog = studio.child("remote_submit_dialog")
    press(studio, "remote_show_script")
    script = dialog.script.toPlainText
    studio.qtbot.waitUntil(lambda: "labels predictions" in script())
    assert script().startswith("the training's script\n\n# ---- the second job")
    dialog.then.box.setChecked(False)
    studio.qtbot.waitUntil(lambda: script().startswith("#SBATCH"))
    assert "second job" not in script()
    dialog.reject()


BOTH = ["labels.slp.prediction_job", "labels.slp.training_job"]


def test_both_jobs_are_saved_to_be_submitted_by_hand(studio):
    video = dataclasses.replace(studio.host.videos[0], as_project=True)
    studio.host.videos = (video,)
    begin(studio)
    press(studio, "remote_save_files")
    studio.qtbot.waitUntil(studio.dock.saved.isVisible)
    second, first = (studio.folder / name for name in BOTH)
    assert studio.child("remote_saved_folder").text() == str(first)
    assert "submit both" in studio.dock.saved.label.text()
    assert ("inputs", ("inputs/mouse.mp4.slp",)) in studio.host.calls
    readme = (first / "README.txt").read_text()
    assert (second / "README.txt").read_text() == readme
    commands = [line.strip() for line in readme.splitlines() if line.startswith("  ")]
    assert commands == [
        "cd /ceph/lab/labels.slp.training_job",
        "id=$(sbatch --parsable train.sbatch)",
        "cd /ceph/lab/labels.slp.prediction_job",
        'sbatch --dependency="afterok:${id%%;*}" --kill-on-invalid-dep=yes '
        "predict.sbatch",
        "squeue --me",
    ]
    script = (second / "predict.sbatch").read_text()
    assert "/ceph/lab/labels.slp.training_job/models/" in script
    assert "dependency" not in script
    assert studio.session.chains == studio.session.submissions == []
    assert studio.session.connects == 0


def test_the_account_of_the_training_pays_for_the_prediction_too(studio):
    begin(studio)
    dialog = studio.child("remote_submit_dialog")
    dialog.advanced.lines["account"].setText("mouselab")
    press(studio, "remote_save_files")
    studio.qtbot.waitUntil(studio.dock.saved.isVisible)
    script = (studio.folder / BOTH[0] / "predict.sbatch").read_text()
    assert "#SBATCH --account=mouselab" in script


def test_without_the_prediction_the_training_is_saved_alone(studio):
    begin(studio)
    studio.child("remote_submit_dialog").then.box.setChecked(False)
    press(studio, "remote_save_files")
    studio.qtbot.waitUntil(studio.dock.saved.isVisible)
    assert left_over(studio) == BOTH[1:]


def test_saved_again_each_has_the_next_number_and_knows_the_other(studio):
    for name in BOTH:
        (studio.folder / name).mkdir()
    begin(studio)
    press(studio, "remote_save_files")
    studio.qtbot.waitUntil(studio.dock.saved.isVisible)
    second, first = (studio.folder / (name + ".2") for name in BOTH)
    assert "training_job.2/models/" in (second / "predict.sbatch").read_text()
    assert "prediction_job.2\n" in (first / "README.txt").read_text()


@pytest.mark.parametrize("good", [0, 1])
def test_where_the_second_cannot_be_saved_neither_is_left(studio, good):
    real, asked = studio.session.chain_by_hand, []

    def refuse(*args, **keywords):
        asked.append(args)
        if len(asked) > good:  # before its folder is there, or when it is
            raise PackageProblem("The disk is full. Nothing was submitted.")
        return real(*args, **keywords)

    studio.session.chain_by_hand = refuse
    begin(studio)
    press(studio, "remote_save_files")
    assert "disk is full" in message(studio)
    assert left_over(studio) == []


def test_a_cancel_while_the_second_is_saved_leaves_neither(studio):
    begun, gate = threading.Event(), threading.Event()
    real = studio.session.chain_by_hand

    def slow(*args, **keywords):
        begun.set()
        assert gate.wait(30)
        return real(*args, **keywords)

    studio.session.chain_by_hand = slow
    begin(studio)
    press(studio, "remote_save_files")
    studio.qtbot.waitUntil(begun.is_set)
    press(studio, "remote_progress_cancel")
    gate.set()
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    studio.qtbot.waitUntil(lambda: left_over(studio) == [])
    assert not studio.dock.saved.isVisible()


def test_what_stands_for_a_video_is_written_before_the_training_is_sent(studio):
    video = dataclasses.replace(studio.host.videos[0], as_project=True)
    studio.host.videos = (video,)
    begin(studio)
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.chains))
    (then,) = studio.session.chains
    assert ("inputs", ("inputs/mouse.mp4.slp",)) in studio.host.calls
    assert then.folder is not None
    assert then.folder.is_dir()


def test_a_second_job_that_is_refused_is_told_and_the_training_goes_on(studio):
    studio.session.then_problem = "The training goes on, and the prediction was not."
    begin(studio)
    press(studio, "remote_submit")
    assert "The training goes on" in message(studio)
    assert [job.kind for job in studio.dock.model.jobs()] == [JobKind.TRAIN]


def test_a_prediction_that_was_not_sent_is_offered_and_sent_once(studio):
    studio.show_jobs(a_training())
    studio.qtbot.waitUntil(
        lambda: "Submit prediction" in studio.dock.notice.label.text()
    )
    studio.dock.select("u1")
    assert "was not submitted" in studio.dock.details.diagnosis.text()
    press(studio, "remote_submit_then")
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 2)
    assert [job.uid for job in studio.session.chains] == ["u1"]


def test_it_waits_for_the_training_by_name(studio):
    prediction = a_job(
        "p1",
        kind=JobKind.PREDICT,
        state=JobState.QUEUED,
        request={"after": "u1"},
        note="It waits for its training to finish.",
    )
    studio.show_jobs(prediction, a_training(state=JobState.RUNNING))
    studio.dock.select("p1")
    words = "Waits for “labels top-down” to finish."
    studio.qtbot.waitUntil(lambda: studio.dock.details.diagnosis.text() == words)
    cell = studio.dock.model.index_of("p1")
    assert words in cell.data(Qt.ItemDataRole.ToolTipRole)
    studio.dock.select("u1")
    assert not studio.dock.results["remote_submit_then"].isVisible()


def test_the_predictions_are_ready_to_load_without_choosing_their_line(studio):
    prediction = a_job(
        "p1", kind=JobKind.PREDICT, state=JobState.RUNNING, request={"after": "u1"}
    )
    trained = a_training(state=JobState.COMPLETED)
    studio.show_jobs(prediction, trained)
    studio.dock.select("u1")
    studio.show_jobs(prediction.changed(state=JobState.COMPLETED), trained)
    studio.qtbot.waitUntil(lambda: studio.dock.selected_uid() == "p1")
    assert studio.dock.results["remote_load_predictions"].isVisible()
    assert "Its predictions can be loaded" in studio.dock.notice.label.text()
    studio.dock.select("u1")  # once: who goes back stays there
    studio.show_jobs(prediction.changed(state=JobState.COMPLETED), trained)
    assert studio.dock.selected_uid() == "u1"


def test_a_failed_training_submitted_again_takes_its_prediction_along(studio):
    failed = a_training(state=JobState.FAILED)
    studio.show_jobs(failed)
    studio.dock.select("u1")
    press(studio, "remote_resubmit")
    row = studio.child("remote_submit_dialog").then
    assert row.is_wanted
    assert row.what.text() == "On all of mouse.mp4"
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.chains))
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 3)


@pytest.mark.parametrize(
    ("videos", "words"),
    [
        ((VideoInput("a.mp4"),), "all of a.mp4"),
        ((VideoInput("a.mp4", frames="3"),), "1 frame of a.mp4"),
        ((VideoInput("a.mp4", frames="0-1199"),), "1,200 frames of a.mp4"),
        ((VideoInput("a.mp4"), VideoInput("b.mp4")), "2 videos"),
        (
            (VideoInput("a.mp4", frames="0-9,20"), VideoInput("b.mp4", frames="5")),
            "12 frames of 2 videos",
        ),
        (
            (VideoInput("a.mp4", frames="0-9"), VideoInput("b.mp4", length=90)),
            "100 frames of 2 videos",
        ),
        ((VideoInput("a.mp4", frames="0-9"), VideoInput("b.mp4")), "2 videos"),
    ],
)
def test_frames_are_said_in_a_few_words(videos, words):
    assert frames_in_words(PredictionRequest((), videos)) == words
