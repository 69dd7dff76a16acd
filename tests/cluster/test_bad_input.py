"""Bad input at the real window: a sentence each, and nothing lost.

The window is SLEAP's own, driven by the mouse; cluster, sshd and mount are real.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from demo import hands

from sleap_remote_plugin.errors import SignInRefused
from sleap_remote_plugin.jobs.cluster import config_folder, data_folder
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task, new_uid
from sleap_remote_plugin.jobs.record import save_record
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.store import Store
from tests.cluster.desk import Windows, files_of, home_of_a_user
from tests.cluster.laptop import broken_package, connect, resources, submit_training
from tests.sleap_host.predictions import write_predictions
from tests.sleap_window import point_at

pytestmark = [pytest.mark.cluster, pytest.mark.sleap]

NODES = ("head", "thorax", "tail")


@pytest.fixture(scope="module")
def user(practice, app_module, tmp_path_factory):
    """A user's home with the practice profile, and no keyring."""
    text = Path(practice.profile).read_text("utf-8")
    with home_of_a_user(tmp_path_factory.mktemp("user"), text) as home:
        yield home


@pytest.fixture(scope="module")
def project(user, practice, demo_folder):
    """The demo project, on the mount."""
    folder = Path(practice.local_mount, "mouse project")
    shutil.copytree(str(demo_folder), str(folder))
    path = folder / "labels.v001.slp"
    point_at(path, folder / "arena.avi")
    yield path
    practice.mend()
    practice.run_as_root(
        "gateway", ["rm", "-rf", practice.cluster_mount + "/mouse project"]
    )


@pytest.fixture(scope="module")
def open_window(user, app_module, qapp, practice, fingerprints):
    made = Windows(app_module, practice, fingerprints)
    yield made
    made.close_all()


@pytest.fixture(scope="module")
def only_desk(open_window, project):
    """The one window of most tests."""
    desk = open_window(project)
    hands.wait_until("the project", lambda: desk.window.state["project_loaded"], 60)
    return desk


@pytest.fixture
def desk(only_desk, project, whole_practice, capfd):
    """The window, as after a start; afterwards nothing of the user's has changed."""
    desk = only_desk
    labels, predictions = desk.user_labels(), desk.predictions()
    changed = desk.window.state["has_changes"]
    before = project.read_bytes()
    desk.start_anew()
    yield desk
    assert desk.is_alive()
    assert desk.user_labels() == labels
    assert desk.predictions() == predictions
    assert desk.window.state["has_changes"] == changed
    whole_practice.mend()
    assert project.read_bytes() == before
    left = [name for name, _ in files_of(whole_practice.local_mount)]
    assert [n for n in left if ".part" in n or "remote-proof" in n] == []
    assert "Traceback" not in capfd.readouterr().err


@pytest.fixture
def untouched(project):
    """Assert afterwards that the project's folder is as it was, name by name."""
    before = files_of(project.parent)
    yield
    assert files_of(project.parent) == before


@pytest.fixture
def other_desk(only_desk, open_window):
    """Open another window, for this test only, in the place of the first."""
    made = []
    only_desk.window.hide()

    def make(project=None):
        made.append(open_window(project))
        hands.rest(200)
        return made[-1]

    yield make
    for desk in made:
        assert desk.is_alive()
        open_window.close(desk.window)
    only_desk.window.show()


# -- the project ---------------------------------------------------------------------


def assert_blocked(desk, words, predict_too=True):
    """Train (and Predict) cannot be pressed; the dock and the menu say why."""
    desk.show_dock()
    assert words in desk.wait_for_text("remote_obstacle", words)
    names = {"remote_train": "remote_train_button"}
    if predict_too:
        names["remote_predict"] = "remote_predict_button"
    for entry, button in names.items():
        _, action = desk.entry(entry)
        assert not action.isEnabled()
        assert words in action.toolTip()
        assert not hands.visible(button).isEnabled()


def test_without_a_project_the_dock_says_what_to_do(other_desk):
    assert_blocked(other_desk(), "No project is open. Open one")


def test_a_project_that_was_never_saved_is_told_where_to_save_it(other_desk, project):
    desk = other_desk()
    # As an import leaves it: labels, and no file of their own.
    host = desk.controller.host
    desk.window.commands.loadLabelsObject(host.open_labels(project), filename=None)

    assert_blocked(desk, "never saved. Save it onto a disk that the cluster mounts")


def test_a_project_without_labels_is_told_to_label_first(
    other_desk, only_desk, project
):
    empty = project.with_name("empty.slp")
    host = only_desk.controller.host
    labels = host.open_labels(project)
    labels.labeled_frames[:] = []
    host.save_labels_file(labels, empty)
    other = other_desk(empty)

    assert_blocked(other, "no labelled frame yet", predict_too=False)
    empty.unlink()


def test_a_project_off_the_mount_is_offered_to_be_copied_and_can_be_left(
    other_desk, demo_folder, tmp_path, practice, capfd
):
    folder = tmp_path / "my laptop"
    shutil.copytree(str(demo_folder), str(folder))
    point_at(folder / "labels.v001.slp", folder / "arena.avi")
    before = sorted(path.name for path in folder.iterdir())
    desk = other_desk(folder / "labels.v001.slp")
    labels = desk.user_labels()
    desk.training_dialog()
    desk.press_run()

    offer = hands.wait_until(
        "the offer to copy", lambda: hands.visible("remote_transfer_dialog"), 60
    )
    text = desk.texts_of(offer)
    assert "cannot see" in text
    assert practice.local_mount in text
    listed = offer.list
    rows = [listed.topLevelItem(n) for n in range(listed.topLevelItemCount())]
    assert str(folder / "arena.avi") in [row.toolTip(0) for row in rows]
    hands.click_name("remote_transfer_cancel")
    hands.wait_until("the offer to close", lambda: hands.is_gone(offer), 10)
    assert hands.visible("remote_password_dialog") is None
    assert sorted(path.name for path in folder.iterdir()) == before
    assert desk.user_labels() == labels
    assert not desk.window.state["has_changes"]
    assert "Traceback" not in capfd.readouterr().err


# -- profiles ------------------------------------------------------------------------


@pytest.fixture
def profiles(user, tmp_path, monkeypatch):
    """A configuration folder of this test's own; empty."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = config_folder() / "clusters"
    folder.mkdir(parents=True)
    return folder


def test_without_a_profile_of_ones_own_there_is_the_shipped_one(
    other_desk, profiles, project
):
    desk = other_desk(project)
    desk.show_dock()

    menu, _ = desk.entry("remote_train")
    assert menu.title() == "Run on SWC HPC"
    assert "SWC HPC" in desk.text_of("remote_connection")
    assert "not connected" in desk.text_of("remote_connection")
    assert desk.text_of("remote_notice") == ""


def test_a_profile_that_is_gone_is_named_and_nothing_is_sent_elsewhere_unseen(
    other_desk, profiles, project
):
    Settings(config_folder() / "settings.json").set("window.profile", "institute")
    desk = other_desk(project)
    desk.show_dock()

    text = desk.wait_for_text("remote_notice", "institute")
    assert "Its jobs go on. Jobs are sent to SWC HPC until" in text
    assert str(profiles) in text


def test_a_wrong_profile_is_told_with_its_line_and_the_others_work(
    other_desk, profiles, project, practice
):
    shutil.copy(practice.profile, str(profiles / "practice.yaml"))
    wrong = Path(practice.profile).read_text("utf-8").replace("jump:", "jmup:")
    wrong = wrong.replace("name: " + practice.name, "name: a-wrong-one", 1)
    line = wrong[: wrong.index("jmup:")].count("\n") + 1
    (profiles / "a-wrong-one.yaml").write_text(wrong, "utf-8")
    (profiles / "b-no-yaml.yaml").write_text("name: b\nlogin: {host: [\n", "utf-8")
    desk = other_desk(project)
    desk.show_dock()

    text = desk.wait_for_text("remote_notice", "a-wrong-one.yaml")
    assert "line {}: `jmup` is not known here".format(line) in text
    assert "b-no-yaml.yaml is not YAML at line 3" in text
    assert "the other profiles still work" in text
    desk.connect()
    assert "connected as " + practice.user in desk.text_of("remote_connection")


# -- signing in ----------------------------------------------------------------------


def test_a_wrong_password_is_asked_for_again_in_words_and_tried_once(
    desk, practice, untouched
):
    hands.click_name("remote_sign_in")
    desk.sign_in("not-the-password", done=lambda: _refused() is not None)

    words = desk.texts_of(_refused())
    assert "did not take the password of " + practice.user in words
    assert "tried once and is forgotten" in words
    session = desk.controller.connection.session()
    tries = [line for line in session.transport.log_lines() if ": refused" in line]
    assert len(tries) == 1, tries
    # The right one is taken: nobody is locked out of the next try.
    desk.sign_in(done=desk.is_connected)


def test_a_refusal_to_type_a_password_is_no_loop(desk, untouched):
    hands.click_name("remote_sign_in")
    desk.sign_in("not-the-password", done=lambda: _refused() is not None)
    dialog = _refused()
    hands.press_escape(dialog)
    hands.wait_until("it to close", lambda: hands.is_gone(dialog), 10)

    desk.wait_for_text("remote_connection", "not signed in")
    hands.rest(1000)
    assert hands.visible("remote_password_dialog") is None
    assert hands.visible("remote_sign_in") is not None


def _refused():
    """The password dialog that comes after a wrong one."""
    dialog = hands.visible("remote_password_dialog")
    if dialog is None or not isinstance(dialog.error, SignInRefused):
        return None
    return dialog


def test_an_unknown_host_that_is_refused_gets_nothing(desk, practice, untouched):
    known = data_folder() / "known_hosts"
    if known.exists():
        known.unlink()
    desk.start_anew()
    desk.submit_dialog()
    hands.click_name("remote_submit")
    dialog = hands.wait_until(
        "the question", lambda: hands.visible("remote_host_key_dialog"), 60
    )
    assert dialog.error.fingerprint in desk.texts_of(dialog)
    assert "could read your password" in desk.texts_of(dialog)
    assert hands.visible("remote_refuse_host").isDefault()
    hands.click_name("remote_refuse_host")

    desk.wait_for_text("remote_notice", "Nothing was submitted")
    assert "not signed in" in desk.text_of("remote_connection")
    assert not known.exists()
    assert practice.run("gateway", ["squeue", "-h"]).stdout == ""
    assert Store(data_folder() / "jobs.sqlite").jobs() == ()
    assert hands.visible("remote_password_dialog") is None


# -- sbatch --------------------------------------------------------------------------


@pytest.fixture
def drained(practice):
    """Close the partition, as an administrator may at any moment."""

    def turn(state):
        argv = ["scontrol", "update", "PartitionName=gpu", "State=" + state]
        done = practice.run_as_root("controller", argv)
        assert done.returncode == 0, done.stderr

    yield lambda: turn("DRAIN")
    turn("UP")


def test_sbatchs_refusal_is_shown_in_its_own_words_and_the_package_is_kept(
    desk, project, practice, drained
):
    desk.connect()
    desk.submit_dialog()
    drained()
    hands.click_name("remote_submit")

    text = desk.message(120)
    assert "SLURM refused the job: " in text
    assert "Required partition not available (inactive or drain)" in text
    assert "Nothing was submitted. Choose another partition" in text
    assert practice.run("gateway", ["squeue", "-h"]).stdout == ""
    assert Store(data_folder() / "jobs.sqlite").jobs() == ()
    assert hands.table_texts("remote_job_table") == []
    package = project.with_name(project.name + ".training_job")
    assert (package / "jobs.yaml").is_file()
    shutil.rmtree(str(package))


# -- jobs ----------------------------------------------------------------------------


def test_a_failed_job_is_shown_with_cause_remedy_and_log(
    desk, project, practice, fingerprints
):
    desk.connect()
    # Submitted from another program of the same user: an export of SLEAP's own would
    # not fail, and that is what is wanted here.
    session = desk.controller.connection.session()
    generation = desk.controller.host.generation
    if generation.value not in practice.modules:
        generation = Generation(sorted(practice.modules)[0])
    connect(session, practice.password, fingerprints)
    folder = project.with_name("broken.training_job")
    job = submit_training(session, broken_package(folder, generation))
    hands.click_name("remote_refresh")
    desk.select(job)
    hands.wait_until(
        "the end", lambda: "Failed" in hands.table_texts("remote_job_table"), 90
    )

    text = desk.wait_for_text("remote_diagnosis", "submit it again")
    assert "<b>" in text  # the cause stands out
    log = desk.wait_for_text("remote_job_log", "centroid.")
    assert "Job {}".format(job.slurm_id) in log
    for name in ("remote_load_predictions", "remote_use_models", "remote_cancel_job"):
        assert hands.visible(name) is None
    session.forget(job)
    shutil.rmtree(str(folder))


@pytest.fixture
def finished(desk, project):
    """A job that has ended well, in the list and on the mount.

    Written by hand: a training takes a minute, and the demo does it for real.
    """
    made = []

    def make(kind, output, video=""):
        folder = project.with_name("made.{}_job".format(kind.value))
        (folder / output).parent.mkdir(parents=True)
        job = Job(
            uid=new_uid(),
            kind=kind,
            name="made {}".format(kind.value),
            project=str(project),
            folder="{}/mouse project/{}".format(
                desk.practice.cluster_mount, folder.name
            ),
            cluster=desk.controller.profile.name,
            resources=resources(),
            tasks=(Task("arena.avi", output, video, 0 if video else -1, 0),),
            slurm_id="1",
            state=JobState.COMPLETED,
            created=time.time(),
        )
        save_record(folder, job)
        Store(data_folder() / "jobs.sqlite").add(job)
        made.append((job, folder))
        desk.start_anew()
        desk.select(job)
        return job, folder

    yield make
    for job, folder in made:
        Store(data_folder() / "jobs.sqlite").remove(job.uid)
        shutil.rmtree(str(folder))


@pytest.mark.parametrize("button", ["remote_use_models", "remote_show_metrics"])
def test_models_that_are_gone_are_named(desk, finished, button):
    run = "models/261122_100000.centroid.n=6"
    _, folder = finished(JobKind.TRAIN, run)
    shutil.rmtree(str(folder / "models"))
    hands.click_name(button)

    text = desk.message()
    assert "has no folder {}".format(folder / run) in text
    assert "Nothing was loaded. Read the job's log, then run it again." in text
    assert desk._sleap_dialog() is None


def run_of_a_stranger(folder, spoil):
    """A trained run, one file of which is not what SLEAP writes."""
    run = folder / "models" / "261122_100000.centroid.n=6"
    run.mkdir()
    with h5py.File(str(run / "best_model.h5"), "w") as file:
        file["weights"] = [1.0]
    (run / "training_config.json").write_text("{}")
    spoil(run)
    return run


class Evil:
    """Makes a folder when it is unpickled, as any code could."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return os.mkdir, (self.trace,)


def test_metrics_that_name_code_are_refused_and_not_run(desk, finished, tmp_path):
    _, folder = finished(JobKind.TRAIN, "models/261122_100000.centroid.n=6")

    def spoil(run):
        values = np.array({"dist.p50": Evil(tmp_path / "trace")}, dtype=object)
        np.savez(str(run / "metrics.val.npz"), metrics=values)

    run = run_of_a_stranger(folder, spoil)
    hands.click_name("remote_show_metrics")

    text = desk.message()
    assert str(run / "metrics.val.npz") in text
    assert "holds something other than numbers, so it was not opened" in text
    assert not (tmp_path / "trace").exists()


def test_a_pipe_in_a_run_holds_up_nobody(desk, finished):
    _, folder = finished(JobKind.TRAIN, "models/261122_100000.centroid.n=6")
    run = run_of_a_stranger(
        folder, lambda run: os.mkfifo(str(run / "labels_gt.val.slp"))
    )
    hands.click_name("remote_use_models")

    text = desk.message()
    assert "{} is no ordinary file".format(run / "labels_gt.val.slp") in text
    # The lane goes on: the next question is answered too.
    hands.click_name("remote_show_metrics")
    assert "is no ordinary file" in desk.message()


def test_predictions_that_are_missing_are_named(desk, finished, project):
    output = "predictions/arena.avi.predictions.slp"
    _, folder = finished(JobKind.PREDICT, output, str(project.with_name("arena.avi")))
    hands.click_name("remote_load_predictions")

    text = desk.message()
    assert "{} is missing".format(folder / output) in text
    assert "Nothing was loaded" in text


@pytest.mark.parametrize("damage", ["cut in half", "empty", "garbled"])
def test_predictions_that_are_damaged_change_nothing(desk, finished, project, damage):
    output = "predictions/arena.avi.predictions.slp"
    video = str(project.with_name("arena.avi"))
    _, folder = finished(JobKind.PREDICT, output, video)
    path = folder / output
    frames = [(0, frame) for frame in range(30)]
    write_predictions(path, ["/ceph/arena.avi"], frames, NODES)
    whole = path.read_bytes()
    garbled = whole[:200] + b"\0" * (len(whole) - 200)
    path.write_bytes(
        {"cut in half": whole[: len(whole) // 2], "empty": b"", "garbled": garbled}[
            damage
        ]
    )
    hands.click_name("remote_load_predictions")

    text = desk.message()
    assert path.name in text
    assert "Nothing was loaded" in text
    words = {
        "cut in half": "is not whole: {} of {} bytes".format(
            len(whole) // 2, len(whole)
        ),
        "empty": "is empty or no HDF5 file",
        "garbled": "cannot be read",
    }
    assert words[damage] in text


def test_a_job_whose_folder_is_gone_says_so(desk, finished, project):
    output = "predictions/arena.avi.predictions.slp"
    _, folder = finished(JobKind.PREDICT, output, str(project.with_name("arena.avi")))
    os.rename(str(folder), str(folder) + ".moved")
    try:
        hands.click_name("remote_open_folder")
        text = desk.message()
    finally:
        os.rename(str(folder) + ".moved", str(folder))

    assert "{} is not there".format(folder) in text
    assert "Check that the disk is mounted" in text
