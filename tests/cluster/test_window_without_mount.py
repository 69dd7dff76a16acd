"""None of the cluster's disks on this computer, and SLEAP's real window.

Trained, fetched, predicted and loaded over SSH alone. SLURM, sshd and SFTP are real;
the SLEAP on the cluster reads videos and writes files, and has no network in it.
"""

from __future__ import annotations

import re
import shutil

import pytest
from demo import hands
from demo.dialogs import choose_whole_video

from sleap_remote_plugin.jobs.job import JobState
from tests.cluster.desk import Windows, home_of_a_user
from tests.sleap_window import point_at

pytestmark = [pytest.mark.cluster, pytest.mark.sleap]

THERE = "/ceph/sent over ssh"


@pytest.fixture
def desk(
    app_module, qapp, whole_practice, fingerprints, demo_folder, tmp_path, stand_in
):
    """A window with a project of this computer's own disk."""
    text = stand_in(tmp_path / "not mounted")
    folder = tmp_path / "my laptop"
    shutil.copytree(str(demo_folder), str(folder))
    project = folder / "labels.v001.slp"
    point_at(project, folder / "arena.avi")
    (tmp_path / "user").mkdir()
    with home_of_a_user(tmp_path / "user", text):
        windows = Windows(app_module, whole_practice, fingerprints)
        made = windows(project)
        hands.wait_until("the project", lambda: made.window.state["project_loaded"])
        made.project = project
        yield made
        windows.close_all()
    whole_practice.run_as_root("gateway", ["rm", "-rf", THERE])


def agree_to_copy(desk):
    """The offer to send it over SSH: the folder there, then the questions."""
    offer = hands.wait_until(
        "the offer", lambda: hands.visible("remote_transfer_dialog"), 60
    )
    assert "goes over SSH" in desk.texts_of(offer)
    offer.folder.setEditText(THERE)
    hands.click_name("remote_transfer_copy")
    desk.sign_in(done=lambda: hands.visible("remote_submit_dialog") is not None)


def test_a_project_of_this_computer_is_trained_and_predicted_without_a_mount(
    desk, whole_practice, capfd
):
    before, labels = desk.project.read_bytes(), desk.user_labels()
    told = []
    desk.controller.fetching.progressed.connect(
        lambda text, done, total: told.append((text, done, total))
    )
    desk.training_dialog()
    desk.press_run()
    agree_to_copy(desk)
    job = desk.submit()
    assert job.folder.startswith(THERE + "/labels.v001.slp.training_job.")

    job = desk.ended(job)
    assert job.state is JobState.COMPLETED, desk.log_of(job)
    here = desk.project.with_name("labels.v001.slp.training_job")
    runs = sorted((here / "models").iterdir())
    assert len(runs) == 2
    for run in runs:
        (weights,) = [*run.glob("best*")]
        there = "{}/models/{}/{}".format(job.folder, run.name, weights.name)
        size = whole_practice.run("gateway", ["stat", "-c", "%s", there]).stdout
        assert weights.stat().st_size == int(size) > 3 << 20
    texts = [text for text, _, _ in told]
    assert any(re.search(r"Fetching .*: .* of 6\.\d+ MB", text) for text in texts), told
    assert desk.text_of("remote_progress") == ""

    desk.select(job)
    hands.click_name("remote_use_models")
    choose_whole_video(desk.sleap_dialog())
    desk.press_run()
    agree_to_copy(desk)
    job = desk.submit()
    job = desk.ended(job)
    assert job.state is JobState.COMPLETED, desk.log_of(job)

    desk.select(job)
    hands.click_name("remote_load_predictions")
    hands.click_name("remote_load_accept")
    hands.wait_until("the predictions", desk.predictions, 60)
    hands.wait_until("the load's end", lambda: desk.text_of("remote_undo_load"), 60)
    assert desk.predictions() == 40
    for frame in desk.window.labels:
        for instance in frame.predicted_instances:
            assert set(instance.numpy()[:, 1]) == {float(frame.frame_idx)}
    assert desk.user_labels() == labels
    assert desk.project.read_bytes() == before
    assert desk.is_alive()
    assert "Traceback" not in capfd.readouterr().err
