"""Copies to a real cluster's disk: through the mount, and over SSH without one.

Real disk, real quota of it, real SFTP through two hops.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import PurePosixPath

import h5py
import pytest

from sleap_remote_plugin.cli import build_parser
from sleap_remote_plugin.cli.copying import make_visible
from sleap_remote_plugin.errors import (
    Cancelled,
    CopyStopped,
    NoRoom,
    NotOnMount,
    RemoteError,
)
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.session import copying, pipe
from sleap_remote_plugin.session import transfer as transfer_room
from sleap_remote_plugin.session.mount_target import MountTarget
from sleap_remote_plugin.session.project_copy import ProjectTransfer
from sleap_remote_plugin.session.sources import find_items
from sleap_remote_plugin.session.ssh_target import SshTarget
from sleap_remote_plugin.session.transfer import Transfer

pytestmark = pytest.mark.cluster

BLOCK = 1 << 20


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch):
    monkeypatch.setattr(pipe, "BLOCK", BLOCK)
    monkeypatch.setattr(transfer_room, "_PAUSES", (0.5, 1.0))


@pytest.fixture
def video(tmp_path):
    """A video of 8 MB on the laptop's own disk."""
    path = tmp_path / "a video.mp4"
    path.write_bytes(os.urandom(8 * BLOCK))
    return path


@pytest.fixture
def through_mount(session, place):
    cluster = session.to_cluster(str(place))
    return MountTarget(place, cluster, session.transport)


@pytest.fixture
def over_ssh(session, place):
    """The same folder, as one who has no mount would reach it."""
    cluster = PurePosixPath(str(session.to_cluster(str(place)))) / "no mount"
    return SshTarget(cluster, session.transport, session.transport.open_sftp)


def at_write(target, number, deed):
    """Do something before that block is written."""
    write, seen = target.write, []

    def watched(data):
        seen.append(len(data))
        if len(seen) == number:
            deed()
        write(data)

    target.write = watched
    return seen


def transfer(session, target, *paths, told=None):
    items = find_items([str(path) for path in paths])
    return Transfer(items, target, session.copies, told or (lambda progress: None))


def sha_there(practice, path):
    done = practice.run("gateway", ["sha256sum", str(path)])
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0].lstrip("\\")


def sha_here(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_copied_through_the_mount_is_right_on_the_cluster(
    whole_practice, session, place, through_mount, video
):
    found = transfer(session, through_mount, video).run()
    assert sha_there(whole_practice, found[str(video)]) == sha_here(video)
    assert str(session.to_cluster(str(video))) == found[str(video)]


def test_a_full_disk_is_told_and_gone_on_with_when_there_is_room(
    whole_practice, session, place, through_mount, video
):
    at_write(through_mount, 4, lambda: whole_practice.fail("disk-full"))
    with pytest.raises(NoRoom, match="no room left"):
        transfer(session, through_mount, video).run()
    with pytest.raises(NoRoom):  # looked at before it is begun again
        transfer(session, through_mount, video).run()
    assert not (place / video.name).exists()
    whole_practice.mend()
    again = MountTarget(place, through_mount.cluster, session.transport)
    written = at_write(again, 0, lambda: None)
    transfer(session, again, video).run()
    assert sum(written) == 5 * BLOCK
    assert (place / video.name).read_bytes() == video.read_bytes()


def test_an_unmounted_disk_is_told_and_gone_on_with_when_it_is_back(
    whole_practice, session, place, through_mount, video
):
    at_write(through_mount, 4, lambda: whole_practice.fail("disk-unmounted"))
    with pytest.raises(CopyStopped, match="mounted"):
        transfer(session, through_mount, video).run()
    with pytest.raises((CopyStopped, RemoteError), match=r"mounted|not found there"):
        transfer(session, through_mount, video).run()
    whole_practice.mend()
    again = MountTarget(place, through_mount.cluster, session.transport)
    written = at_write(again, 0, lambda: None)
    transfer(session, again, video).run()
    assert sum(written) < 8 * BLOCK
    assert (place / video.name).read_bytes() == video.read_bytes()


def test_a_folder_that_cannot_be_written_is_told_before_a_copy(
    whole_practice, session, place, through_mount, video
):
    whole_practice.fail("disk-readonly")
    with pytest.raises(RemoteError, match=r"write|written"):
        transfer(session, through_mount, video).run()


def test_another_disk_that_has_a_folder_of_that_name_is_not_copied_to(
    session, place, tmp_path, video
):
    """The cluster is asked: what is mounted here may not be what it has."""
    target = MountTarget(tmp_path, session.to_cluster(str(place)), session.transport)
    with pytest.raises(RemoteError, match="was not found there"):
        transfer(session, target, video).run()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        video.name
    ]


# -- over SSH -------------------------------------------------------------------------


def test_what_is_sent_over_ssh_is_right_on_the_cluster(
    whole_practice, session, place, over_ssh, video
):
    told = []
    found = transfer(session, over_ssh, video, told=told.append).run()
    assert sha_there(whole_practice, found[str(video)]) == sha_here(video)
    assert told[-1].done == 8 * BLOCK
    assert os.listdir(str(place / "no mount")) == [video.name]


def test_a_lost_connection_is_gone_on_with_where_it_ended(
    whole_practice, session, place, over_ssh, video
):
    def lose():
        whole_practice.fail("gateway")
        whole_practice.mend("gateway")

    written = at_write(over_ssh, 6, lose)
    found = transfer(session, over_ssh, video).run()
    assert sha_there(whole_practice, found[str(video)]) == sha_here(video)
    assert sum(written) < 12 * BLOCK


def test_a_full_disk_over_ssh_is_told_in_the_same_words(
    whole_practice, session, place, over_ssh, video
):
    at_write(over_ssh, 4, lambda: whole_practice.fail("disk-full"))
    with pytest.raises(NoRoom, match="no room left"):
        transfer(session, over_ssh, video).run()
    whole_practice.mend()
    found = transfer(session, over_ssh, video).run()
    assert sha_there(whole_practice, found[str(video)]) == sha_here(video)


def test_a_folder_that_may_not_be_written_over_ssh_is_told(session, video):
    target = SshTarget(
        PurePosixPath("/usr"), session.transport, session.transport.open_sftp
    )
    with pytest.raises(NoRoom, match="may not write"):
        transfer(session, target, video).run()


def test_a_host_that_answers_no_more_is_left_at_once(
    whole_practice, session, place, over_ssh, video
):
    frozen = threading.Event()

    def freeze():
        whole_practice.fail("sshd-frozen")
        frozen.set()

    at_write(over_ssh, 3, freeze)
    running = transfer(session, over_ssh, video)
    ended = []

    def run():
        try:
            running.run()
        except RemoteError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert frozen.wait(60)
    running.cancel()
    thread.join(20)
    assert isinstance(ended[0], Cancelled)


def test_start_up_files_that_print_are_told(whole_practice, session, over_ssh, video):
    whole_practice.fail("rc:prints")
    session.disconnect()
    with pytest.raises(RemoteError, match="start-up file"):
        transfer(session, over_ssh, video).run()


def test_a_series_of_images_arrives_over_ssh_under_any_names(
    whole_practice, session, place, over_ssh, tmp_path
):
    folder = tmp_path / "frames"
    (folder / "sub folder").mkdir(parents=True)
    names = ["img{:04}.png".format(n) for n in range(300)]
    names += ['it\'s "$HOME" `x`.png', "line\nbreak\\.png", "\U0001f401.png"]
    names += ["sub folder/deep.png", "-x.png", "n" * 251 + ".png"]
    for number, name in enumerate(names):
        (folder / name).write_bytes(b"%d " % number * 500)
    found = transfer(session, over_ssh, folder).run()
    copied = place / "no mount" / "frames"
    assert found[str(folder)].endswith("/no mount/frames")
    for name in names:
        assert (copied / name).read_bytes() == (folder / name).read_bytes()
    assert len(list(copied.rglob("*.png"))) == len(names)


def test_a_project_goes_over_ssh_with_its_videos_copies_in_it(
    session, place, over_ssh, tmp_path
):
    videos = [tmp_path / name / "arena.avi" for name in ("a", "b")]
    for path in videos:
        path.parent.mkdir()
        path.write_bytes(path.parent.name.encode())
    project = tmp_path / "labels.slp"
    rows = [json.dumps({"backend": {"filename": str(path)}}) for path in videos]
    with h5py.File(str(project), "w") as file:
        file["videos_json"] = [row.encode() for row in rows]
    copied = transfer(session, over_ssh, *videos).run()
    told = (session, str(project), over_ssh, copied, tmp_path, lambda progress: None)
    found = ProjectTransfer(*told).run()
    there = str(over_ssh.cluster)
    assert found == {str(project): there + "/labels.slp"}
    with h5py.File(str(place / "no mount" / "labels.slp"), "r") as file:
        names = [json.loads(row)["backend"]["filename"] for row in file["videos_json"]]
    assert names == [there + "/arena.avi", there + "/b arena.avi"]
    with h5py.File(str(project), "w") as file:
        file["videos_json"] = [b'{"backend":{"filename":"/elsewhere/arena.avi"}}']
    with pytest.raises(CopyStopped, match="which has the same name"):
        ProjectTransfer(*told).run()


# -- a job of it ----------------------------------------------------------------------


def test_a_prediction_of_a_project_off_the_mount_is_submitted_with_the_copies(
    whole_practice, session, place, held, tmp_path, video
):
    from tests.cluster.test_session import submit_prediction

    laptop = tmp_path / "laptop"
    model = laptop / "models" / "gone"
    model.mkdir(parents=True)
    (model / "training_config.json").write_text("{}")
    (laptop / "a.mp4").write_bytes(video.read_bytes())
    project = str(laptop / "labels.slp")
    paths = [str(laptop / "a.mp4"), str(model), str(laptop)]
    offer = copying.look(session, paths, project)
    assert str(place.parent) in offer.folders
    running = copying.begin(session, offer, str(place), lambda progress: None)
    running.run()
    copying.settle(session, offer, str(place), running)

    job = submit_prediction(session, laptop)

    cluster = whole_practice.cluster_mount + "/mouse project"
    assert job.folder == cluster + "/labels.slp.prediction_job"
    assert job.project == project
    assert job.tasks[0].video == str(laptop / "a.mp4")
    script = (place / "labels.slp.prediction_job" / "remote-job.sbatch").read_text()
    assert cluster + "/a.mp4" in script
    assert cluster + "/gone" in script
    assert str(laptop) not in script
    folder = session.prepare_folder(project, JobKind.TRAIN)
    assert folder == place / "labels.slp.training_job"


def test_the_command_line_copies_what_the_cluster_cannot_see(
    session, place, tmp_path, video, capsys
):
    project = str(tmp_path / "labels.slp")
    seen = place / "seen.mp4"
    seen.write_bytes(b"on the mount")
    arguments = build_parser().parse_args(
        ["predict", project, "--model", "run", "--copy-to", str(place)]
    )
    make_visible(arguments, session, project, [str(video), str(seen)])
    assert (place / video.name).read_bytes() == video.read_bytes()
    assert "8.39 MB of 8.39 MB" in capsys.readouterr().err
    make_visible(arguments, session, project, [str(video), str(seen)])
    assert capsys.readouterr().err == ""
    assert session.prepare_folder(project, JobKind.PREDICT).parent == place


def test_without_a_folder_to_copy_to_nothing_is_copied(session, tmp_path, video):
    project = str(tmp_path / "labels.slp")
    arguments = build_parser().parse_args(["train", project, "--config", "a.json"])
    make_visible(arguments, session, project, [str(video)])
    with pytest.raises(NotOnMount):
        session.prepare_folder(project, JobKind.TRAIN)
