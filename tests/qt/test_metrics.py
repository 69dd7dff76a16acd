"""The metrics of a training in the dock, and what a job left that ended early."""

from __future__ import annotations

import threading

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QLabel

from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from sleap_remote_plugin.jobs.metrics import HeadMetrics, RunMetrics
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.job_details import Findings
from sleap_remote_plugin.qt.job_menu import JobMenu
from sleap_remote_plugin.qt.metrics import LEGACY_CENTROID, MetricsTable, change
from sleap_remote_plugin.qt.predicted import NOTHING_FOUND
from sleap_remote_plugin.qt.result_buttons import buttons_for
from sleap_remote_plugin.session.collect import Results
from tests.qt.standins import a_job

BETTER = HeadMetrics(
    "centered_instance",
    RunMetrics(0.81, 1.25, 4.0),
    before=RunMetrics(0.75, 2.0, 3.5),
    before_name="labels.v001 top-down",
)
CENTROID = HeadMetrics("centroid", RunMetrics(None, 0.5, None, 0.93))
FAULT = HeadMetrics("bottomup", fault="/mnt/lab/metrics.val.npz is not whole.")


@pytest.mark.parametrize(
    ("now", "before", "digits", "less_is_better", "words", "sign"),
    [
        (0.81, 0.75, 3, False, "▲ 0.060 better", "ok"),
        (0.70, 0.75, 3, False, "▼ 0.050 worse", "warn"),
        (1.25, 2.0, 2, True, "▼ 0.75 better", "ok"),
        (4.0, 3.5, 2, True, "▲ 0.50 worse", "warn"),
        (1.001, 1.004, 2, True, "= same", "off"),
        (None, 1.0, 2, True, "", "off"),
        (1.0, None, 2, True, "", "off"),
    ],
)
def test_a_change_is_told_in_words(now, before, digits, less_is_better, words, sign):
    assert change(now, before, digits, less_is_better) == (words, sign)


@pytest.fixture
def table(qtbot):
    found = MetricsTable()
    qtbot.addWidget(found)
    return found


def texts(table):
    return [label.text() for label in table.findChildren(QLabel) if label.text()]


def test_each_model_has_a_row_with_its_change(table):
    table.show_metrics((BETTER, CENTROID, FAULT))
    shown = texts(table)
    for text in ("0.810", "▲ 0.060 better", "1.25", "▼ 0.75 better", "▲ 0.50 worse"):
        assert text in shown
    assert "93% found" in shown
    assert any("is not whole" in text for text in shown)
    assert "Compared with labels.v001 top-down." in shown


def test_the_table_says_to_a_screen_reader_what_each_number_is(table):
    table.show_metrics((BETTER,))
    names = [label.accessibleName() for label in table.findChildren(QLabel)]
    assert "centered_instance OKS mAP: 0.810" in names
    assert "centered_instance p50 (px) change: ▼ 0.75 better" in names


def test_without_a_round_before_nothing_is_compared(table):
    table.show_metrics((HeadMetrics("single_instance", RunMetrics(0.5, 1.0, 2.0)),))
    assert not [t for t in texts(table) if "better" in t or "Compared" in t]
    table.show_metrics(())
    assert table.isHidden()


def test_a_centroid_model_of_sleap_1_3_is_told_to_say_little(table):
    table.show_metrics((CENTROID,), "legacy")
    assert LEGACY_CENTROID in table.footer.text()
    table.show_metrics((CENTROID,), "current")
    assert table.footer.text() == ""


def test_names_of_strangers_are_plain_text_on_one_line(table):
    one = HeadMetrics("<b>x</b>\n\x1b[31m", RunMetrics(0.5), before=RunMetrics(0.4),
                      before_name="a\u202eb")  # fmt: skip
    table.show_metrics((one,))
    for label in table.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText
    assert not any(set("\n\x1b\u202e") & set(text) for text in texts(table))


def test_colours_follow_the_palette(table):
    table.show_metrics((BETTER,))

    def colours():
        labels = table.findChildren(QLabel)
        return {one.styleSheet() for one in labels if one.styleSheet()}

    light = colours()
    palette = QPalette(table.palette())
    palette.setColor(QPalette.ColorRole.Window, Qt.GlobalColor.black)
    table.setPalette(palette)
    assert light
    assert not light & colours()


def test_the_table_fits_into_the_narrow_dock(table):
    table.show_metrics((BETTER, CENTROID, FAULT), "legacy")
    assert table.minimumSizeHint().width() <= 340


# -- what a job left that ended early ----------------------------------------------


@pytest.mark.parametrize(
    ("kind", "state", "is_usable", "wanted"),
    [
        (JobKind.TRAIN, JobState.COMPLETED, False, {"use_models", "show_metrics"}),
        (JobKind.TRAIN, JobState.TIMED_OUT, True, {"use_models"}),
        (JobKind.TRAIN, JobState.TIMED_OUT, False, set()),
        (JobKind.TRAIN, JobState.RUNNING, True, set()),
        (JobKind.PREDICT, JobState.CANCELLED, True, {"load_predictions"}),
        (JobKind.PREDICT, JobState.CANCELLED, False, set()),
    ],
)
def test_what_is_there_is_offered_where_something_is(kind, state, is_usable, wanted):
    results = {"remote_use_models", "remote_show_metrics", "remote_load_predictions"}
    job = a_job(kind=kind, state=state, tasks=(Task("a", "b"),))
    found = set(buttons_for(job, is_usable)) & results
    assert found == {"remote_" + name for name in wanted}


def test_a_training_that_timed_out_offers_what_is_there_and_says_what(qtbot):
    dock = RemoteDock()
    qtbot.addWidget(dock)
    job = a_job(state=JobState.TIMED_OUT)
    dock.show_jobs([job])
    dock.select(job.uid)
    button = dock.results["remote_use_models"]
    assert button.isHidden()
    left = "This training did not come to its end: centroid was trained 41 of 200."
    dock.show_findings(job.uid, Findings(is_usable=True, left=left))
    assert not button.isHidden()
    assert button.text() == "Use what is there..."
    assert "41 of 200" in dock.details.diagnosis.text()
    done = a_job("u2", state=JobState.COMPLETED, created=5.0)
    dock.show_jobs([done, job])
    dock.select(done.uid)
    assert button.text() == "Use models..."


def test_used_partly_trained_models_are_said_to_be_so(studio):
    studio.show_jobs(a_job(state=JobState.COMPLETED))
    note = "centroid was trained 41 of 200 epochs"
    studio.session.results = lambda _job: Results((studio.folder,), note=note)
    button = studio.child("remote_use_models")
    studio.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    label = studio.dock.notice.label
    studio.qtbot.waitUntil(lambda: "41 of 200" in label.text())


def test_dialogs_that_sleap_makes_list_this_projects_models(studio):
    run = studio.folder / "models" / "a"
    run.mkdir(parents=True)
    (run / "best.ckpt").write_bytes(b"PK weights")
    (run / "training_config.yaml").write_text("model_config: {}\n")
    job = a_job(state=JobState.COMPLETED, project=studio.host.open_project.path)
    other = a_job("u2", state=JobState.COMPLETED, project="/elsewhere/labels.slp")
    studio.show_jobs(other, job)
    studio.host.calls.clear()
    dialog = studio.host.open_dialog("training")
    wanted = ("add", dialog, (run,))
    studio.qtbot.waitUntil(lambda: wanted in studio.host.calls)


# -- a prediction that found nothing -------------------------------------------------


@pytest.mark.parametrize("found", [0, 20])
def test_a_prediction_that_found_nothing_says_so_before_it_is_loaded(studio, found):
    studio.host.predicted = found
    job = a_job(kind=JobKind.PREDICT, state=JobState.COMPLETED, slurm_id="5")
    studio.show_jobs(job)
    told = studio.dock.details.diagnosis
    log = studio.dock.details.log.text
    studio.qtbot.waitUntil(lambda: "the end of the log" in log.toPlainText())
    assert (NOTHING_FOUND in told.text()) is (found == 0)


# -- a copy beside the project ---------------------------------------------------------


@pytest.fixture
def trained(studio):
    """A finished training whose model lies on the mount."""
    run = studio.folder / "mount" / "261122_100000.centroid.n=6"
    run.mkdir(parents=True)
    (run / "best.ckpt").write_bytes(b"w" * 3_000_000)
    project = studio.folder / "project" / "labels.slp"
    project.parent.mkdir()
    job = a_job(state=JobState.COMPLETED, project=str(project))
    studio.session.results = lambda _job: Results((run,))
    studio.show_jobs(job)
    return job


def test_models_are_copied_from_the_jobs_menu(studio, trained):
    menu = JobMenu(trained, ("remote_use_models",))
    names = [action.objectName() for action in menu.actions()]
    assert "remote_copy_models" in names
    studio.dock.result_clicked.emit("remote_copy_models", trained.uid)
    label = studio.dock.notice.label
    studio.qtbot.waitUntil(lambda: "The models were copied to" in label.text())
    (copy,) = (studio.folder / "project" / "models").iterdir()
    assert (copy / "best.ckpt").stat().st_size == 3_000_000
    assert not studio.dock.progress.isVisible()


def test_a_copy_of_models_can_be_stopped(studio, trained):
    begun, go_on = threading.Event(), threading.Event()
    results = studio.session.results

    def slow(job):
        begun.set()
        assert go_on.wait(30)
        return results(job)

    studio.session.results = slow
    studio.dock.result_clicked.emit("remote_copy_models", trained.uid)
    studio.qtbot.waitUntil(begun.is_set)
    button = studio.child("remote_progress_cancel")
    studio.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    go_on.set()
    label = studio.dock.notice.label
    studio.qtbot.waitUntil(lambda: "The copy was stopped" in label.text())
    assert list((studio.folder / "project" / "models").iterdir()) == []


def test_models_of_a_training_that_failed_are_not_copied(qtbot):
    job = a_job(state=JobState.FAILED)
    menu = JobMenu(job, ())  # kept: its actions go with it
    names = [action.objectName() for action in menu.actions()]
    assert "remote_copy_models" not in names
