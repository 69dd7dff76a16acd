"""Jobs without a mount: what is fetched, and which of them can be judged."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sleap_remote_plugin.errors import ConnectionFailed
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.fetch import read_list
from sleap_remote_plugin.session.mirror import Mirror, MirrorTransport
from sleap_remote_plugin.session.mirrors import Mirrors
from tests.qt.standins import a_job


@pytest.fixture
def copies(tmp_path):
    made = Copies(tmp_path / "copies.json", "practice")
    made.keep_mirror(str(tmp_path / "here"), "/ceph/lab/labels.slp.training_job")
    return made


def test_a_job_that_has_ended_is_not_judged_while_its_files_cannot_be_fetched(copies):
    mirrors = Mirrors(lambda: copies, SimpleNamespace(is_connected=False))
    running = a_job("running", state=JobState.RUNNING)
    ended = a_job("ended", state=JobState.FINISHING)
    on_mount = a_job("mount", state=JobState.FINISHING, folder="/ceph/other")
    fine, trouble = mirrors.fetch([running, ended, on_mount])
    assert [job.uid for job in fine] == ["running", "mount"]
    assert trouble is None


def test_a_connection_that_goes_before_the_command_has_sent_nothing(tmp_path):
    (tmp_path / "remote-job.json").write_text("{}")

    def lost(*_args, **_keywords):
        raise ConnectionFailed("It was lost.", sent=True)

    transport = SimpleNamespace(run=lost, is_connected=True, user="jane")
    wrapped = MirrorTransport(Mirror(tmp_path, "/ceph/lab/job", transport))
    with pytest.raises(ConnectionFailed) as raised:
        wrapped.run(["sbatch"])
    assert not raised.value.sent


def test_a_file_that_is_gone_since_it_was_listed_is_left_out(tmp_path):
    listed = "5 1700000000 remote-job.witness/job.jsonl\n"
    answer = SimpleNamespace(exit_code=0, stdout=listed, stderr="")

    def blocks(path, start, end):
        raise FileNotFoundError(2, "No such file")

    sftp = SimpleNamespace(blocks=blocks, close=lambda: None)
    transport = SimpleNamespace(run=lambda *_, **__: answer, open_sftp=lambda: sftp)
    Mirror(tmp_path, "/ceph/lab/job", transport).fetch(everything=False)
    assert not (tmp_path / "remote-job.witness" / "job.jsonl").exists()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("10 1700000000.25 models/best.ckpt\n", ["models/best.ckpt"]),
        ("10 1700000000 a b.slp\n5 1700000000 c\n", ["a b.slp", "c"]),
        ("10 1700000000 ../../.bashrc\n", []),
        ("10 1700000000 models/../../x\n", []),
        ("10 1700000000 /etc/passwd\n", []),
        ("10 1700000000 two\x01lines\n", []),
        ("Welcome to the cluster!\n", []),
        ("99999999999999999999 1700000000 huge\n", []),
    ],
)
def test_only_names_in_the_folder_are_fetched(line, names):
    assert list(read_list(line)) == names


def test_two_windows_do_not_fetch_one_folder_together(copies, tmp_path):
    """The other window's turn: it is not judged here before that is done."""
    asked = []
    transport = SimpleNamespace(
        is_connected=True,
        run=lambda *args, **_: (
            asked.append(args) or SimpleNamespace(exit_code=0, stdout="", stderr="")
        ),
    )
    job = a_job(state=JobState.FINISHING)
    mine, other = (Mirrors(lambda: copies, transport) for _ in range(2))
    mine.leave_to = other.leave_to = asked.append
    with other._lock_of(job):
        assert mine.fetch([job]) == ((), None)
    assert asked == []
    assert mine.fetch([job]) == ((job,), None)
    assert len(asked) == 1
