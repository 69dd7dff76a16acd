"""Jobs that end in other ways than well, and dialogs that ask for what cannot be.

In SLEAP's real window, on a real cluster and mount. The SLEAP of the jobs reads videos
and writes files with SLEAP's own code; what it "finds" tells which frame it was given.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from demo import hands
from demo.dialogs import choose_frames
from qtpy import QtWidgets

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.session import judge
from tests.cluster.conftest import holding
from tests.cluster.desk import Windows, files_of, home_of_a_user
from tests.sleap_window import add_video, point_at

pytestmark = [pytest.mark.cluster, pytest.mark.sleap]

PLACE = "bad days"
#: How bright the pictures of the series are.
BRIGHT = 200


@pytest.fixture(scope="module")
def project(practice, demo_folder):
    """Three videos: the demo's, a series of images, and a copy that is spoilt later."""
    import cv2

    folder = Path(practice.local_mount, PLACE)
    shutil.copytree(str(demo_folder), str(folder))
    path = folder / "labels.v001.slp"
    point_at(path, folder / "arena.avi")
    (folder / "series").mkdir()
    images = [str(folder / "series" / "{:02}.png".format(n)) for n in range(12)]
    for name in images:
        assert cv2.imwrite(name, np.full((64, 64), BRIGHT, "uint8"))
    add_video(path, images)
    shutil.copy(str(folder / "arena.avi"), str(folder / "spoilt.avi"))
    add_video(path, str(folder / "spoilt.avi"))
    yield path
    practice.mend()
    practice.run_as_root(
        "gateway", ["rm", "-rf", "{}/{}".format(practice.cluster_mount, PLACE)]
    )


@pytest.fixture(scope="module")
def windows(app_module, qapp, practice, fingerprints, stand_in, tmp_path_factory):
    text = stand_in(practice.local_mount)
    with home_of_a_user(tmp_path_factory.mktemp("user"), text):
        made = Windows(app_module, practice, fingerprints)
        yield made
        made.close_all()


@pytest.fixture(scope="module")
def only_desk(windows, project):
    desk = windows(project)
    hands.wait_until("the project", lambda: desk.window.state["project_loaded"], 60)
    desk.connect()
    return desk


@pytest.fixture
def desk(only_desk, project, whole_practice, capfd):
    """The window; afterwards nothing of the user's has changed."""
    labels, before = only_desk.user_labels(), project.read_bytes()
    yield only_desk
    assert only_desk.is_alive()
    assert only_desk.user_labels() == labels
    assert project.read_bytes() == before
    assert "Traceback" not in capfd.readouterr().err


def told(desk, job, **how):
    """Tell a job that waits still what kind of day it is."""
    folder = desk.controller.connection.session().local_folder(job)
    (folder / "stand-in.json").write_text(json.dumps(how))


@pytest.fixture(scope="module")
def trainings(only_desk, practice):
    """One that makes nothing and ends well; one that makes all and ends badly."""
    jobs = []
    patch = pytest.MonkeyPatch()
    patch.setattr(judge, "ARTEFACT_GRACE", 1.0)
    with holding(practice) as release:
        for how in ({"weights": False}, {"code": 1}):
            only_desk.submit_dialog()
            jobs.append(only_desk.submit())
            told(only_desk, jobs[-1], **how)
        release()
        jobs = [only_desk.ended(job) for job in jobs]
    patch.undo()
    return jobs


def uids(desk):
    return [job.uid for job in desk.jobs()]


def with_codes(desk, job):
    """The job once it is known how each task ended, which may come a moment later."""

    def known():
        (now,) = [one for one in desk.jobs() if one.uid == job.uid]
        if None in [task.exit_code for task in now.tasks]:
            hands.click_name("remote_refresh")
            hands.rest(300)
            return None
        return now

    return hands.wait_until("the exit codes", known, 30)


def show(desk, job):
    """Select a job's row, of several with one name."""
    desk.controller.show_job(job.uid)
    hands.rest(300)


def test_a_job_that_ended_well_and_made_nothing_is_incomplete_with_its_log(
    desk, trainings
):
    job, _ = trainings
    assert job.state is JobState.INCOMPLETE
    assert "Incomplete" in hands.table_texts("remote_job_table")
    show(desk, job)
    text = desk.wait_for_text("remote_diagnosis", "centroid")
    assert "ended without an error" in text
    log = desk.wait_for_text("remote_job_log", "This SLEAP stands in")
    assert "Done, " in log
    assert hands.visible("remote_use_models") is None
    assert hands.visible("remote_resubmit") is not None


def test_an_error_code_with_everything_there_is_completed_with_a_note(desk, trainings):
    _, job = trainings
    assert job.state is JobState.COMPLETED, desk.log_of(job)
    show(desk, job)
    text = desk.wait_for_text("remote_diagnosis", "ended with exit code 1")
    assert "everything that it should make is there" in text
    assert hands.visible("remote_use_models") is not None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("disk-readonly", "you may not write there"),
        ("disk-full", "There is not enough space in"),
    ],
)
def test_a_disk_that_takes_no_package_is_said_before_the_export(
    desk, project, whole_practice, fault, words
):
    before, jobs = files_of(project.parent), uids(desk)
    exported = []
    desk.controller.host.write_labels = lambda *_: exported.append(1)
    try:
        desk.submit_dialog()
        whole_practice.fail(fault)
        hands.click_name("remote_submit")
        text = desk.message()
    finally:
        del desk.controller.host.write_labels
    assert words in text
    assert str(project.parent) in text
    assert "Nothing was submitted" in text
    assert exported == []
    whole_practice.mend()
    assert files_of(project.parent) == before
    assert uids(desk) == jobs


# -- what cannot be asked for ---------------------------------------------------------


@pytest.fixture
def inference(desk, trainings):
    """SLEAP's own dialog with the trained models."""
    show(desk, trainings[1])
    hands.click_name("remote_use_models")
    dialog = desk.sleap_dialog()
    yield dialog
    for left in (hands.visible("remote_submit_dialog"), dialog):
        if left is not None and not hands.is_gone(left):
            left.close()


def track(dialog, tracker="simple"):
    dialog.pipeline_form_widget.set_form_data({"tracking.tracker": tracker})


def choose_newer_similarity(dialog):
    """Choose what SLEAP 1.4.1's form has in this menu, and this SLEAP does not."""
    for menu in dialog.pipeline_form_widget.findChildren(QtWidgets.QComboBox):
        if menu.findText("iou") >= 0 and menu.isVisible():
            menu.addItem("normalized instance")
            menu.setCurrentText("normalized instance")


def suggest(desk):
    video = desk.window.labels.videos[0]
    try:
        from sleap_io import SuggestionFrame
    except ImportError:
        from sleap.gui.suggestions import SuggestionFrame
    desk.window.labels.suggestions = [SuggestionFrame(video, n) for n in (3, 12, 20)]


@pytest.mark.parametrize(
    ("text", "key"), [("random frames (", "random"), ("suggested", "suggestions")]
)
def test_tracking_on_scattered_frames_is_refused_with_the_reason(
    desk, trainings, project, request, text, key
):
    suggest(desk)
    dialog = request.getfixturevalue("inference")
    choose_frames(dialog, text, key)
    track(dialog)
    before = files_of(project.parent)
    desk.press_run()
    assert "Tracking needs frames that follow one another" in desk.message()
    assert dialog.isVisible()
    assert files_of(project.parent) == before


def test_frames_that_the_video_does_not_have_are_refused(desk, inference, project):
    dialog = inference
    choose_frames(dialog, "entire current video", "video")
    video = desk.window.labels.videos[0]
    dialog._frame_selection["video"] = {video: (10, -50)}
    before = files_of(project.parent)
    desk.press_run()
    text = desk.message()
    assert "arena.avi has 40 frames, numbered from 0 to 39; frame 49 was asked" in text
    assert "Nothing was submitted" in text
    assert files_of(project.parent) == before


def test_what_the_clusters_sleap_lacks_is_refused_by_name(desk, inference, project):
    dialog = inference
    choose_frames(dialog, "entire current video", "video")
    track(dialog)
    choose_newer_similarity(dialog)
    before, jobs = files_of(project.parent), uids(desk)
    desk.press_run()
    hands.click_name("remote_submit")
    text = desk.message()
    version = desk.controller.host.version
    words = "SLEAP {} on the cluster has no similarity normalized_instance"
    assert words.format(version) in text
    assert "Nothing was submitted" in text
    assert files_of(project.parent) == before
    assert uids(desk) == jobs


# -- predictions ----------------------------------------------------------------------


def predict(desk, dialog, text, key):
    choose_frames(dialog, text, key)
    track(dialog, "none")  # SLEAP's form keeps what was chosen last
    desk.press_run()
    return desk.submit()


def test_a_prediction_of_nothing_warns_before_it_is_loaded(desk, inference, practice):
    with holding(practice) as release:
        job = predict(desk, inference, "entire current video", "video")
        told(desk, job, animals=0)
        release()
        job = desk.ended(job)
    assert job.state is JobState.COMPLETED, desk.log_of(job)
    show(desk, job)
    text = desk.wait_for_text("remote_diagnosis", "found no animal on any frame")
    assert "there is nothing to load" in text
    hands.click_name("remote_load_predictions")
    desk.wait_for_text("remote_notice", "nothing was loaded")
    assert hands.visible("remote_load_dialog") is None
    assert desk.predictions() == 0


def test_of_several_videos_the_bad_one_fails_alone_and_a_series_finds_its_place(
    desk, inference, practice, project
):
    spoilt = project.with_name("spoilt.avi")
    with holding(practice) as release:
        job = predict(desk, inference, "all videos", "all_videos")
        whole = spoilt.read_bytes()
        spoilt.write_bytes(whole[: len(whole) // 2])
        release()
        job = with_codes(desk, desk.ended(job))
    assert [task.exit_code == 0 for task in job.tasks] == [True, True, False]
    assert job.state is JobState.FAILED
    show(desk, job)
    desk.wait_for_text("remote_diagnosis", "2 of 3 videos are there. Not there: spoilt")
    hands.click_name("remote_load_predictions")
    hands.click_name("remote_load_accept")
    hands.wait_until("the load", lambda: desk.text_of("remote_undo_load"), 60)

    found = {}
    videos = desk.window.labels.videos
    for frame in desk.window.labels:
        for instance in frame.predicted_instances:
            x, y = instance.numpy()[0]
            assert y == frame.frame_idx
            number = [id(video) for video in videos].index(id(frame.video))
            found.setdefault(number, []).append(x)
    assert {number: len(xs) for number, xs in found.items()} == {0: 40, 1: 12}
    assert set(found[1]) == {float(BRIGHT)}
    assert float(BRIGHT) not in found[0]
    hands.click_name("remote_undo_load")
    hands.wait_until("the undo", lambda: not desk.predictions(), 30)
