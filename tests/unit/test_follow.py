"""A job's growing files: each byte is read once, whatever happens to them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.files import (
    ClusterFiles,
    Files,
    MountFiles,
    Status,
    Tail,
)
from sleap_remote_plugin.session.follow import LOG_END, Reader
from sleap_remote_plugin.ssh.local import LocalTransport

RUN = "models/a.n=6 [1]"
HEADER = "epoch,loss,val_loss\n"


def a_job(kind=JobKind.TRAIN, tasks=1):
    outputs = [RUN] + ["models/%d" % n for n in range(1, tasks)]
    return Job(
        uid="a1",
        kind=kind,
        name="n",
        project="/p.slp",
        folder="/ceph/f",
        cluster="c",
        resources=Resources(),
        tasks=tuple(Task(o, o) for o in outputs),
        slurm_id="7",
        state=JobState.RUNNING,
    )


class Counted(MountFiles):
    """A mount that counts the bytes that are read."""

    bytes = 0

    def read(self, name, offset, count):
        data = super().read(name, offset, count)
        self.bytes += len(data)
        return data


@pytest.fixture(params=["mount", "connection"])
def files(request, tmp_path):
    if request.param == "mount":
        return MountFiles(tmp_path)
    return ClusterFiles(LocalTransport(), str(tmp_path))


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / RUN
    folder.mkdir(parents=True)
    config = {"optimization": {"epochs": 10}}
    (folder / "initial_config.json").write_text(json.dumps(config))
    return folder


def epochs(*numbers):
    return "".join("{0},0.{0},0.{0}\n".format(n) for n in numbers)


def curve(reader, files):
    (one,) = reader.progress(a_job(), files)
    return [point.epoch for point in one.curve]


# -- training ------------------------------------------------------------------------


def test_a_training_is_followed_as_its_log_grows(files, run):
    reader, log = Reader(), run / "training_log.csv"
    (one,) = reader.progress(a_job(), files)
    assert (one.done, one.total) == (0, 10)
    log.write_text(HEADER + epochs(1, 2) + "3,0.")
    assert curve(reader, files) == [1, 2]
    with log.open("a") as file:
        file.write("3,0.3\n" + epochs(4))
    assert curve(reader, files) == [1, 2, 3, 4]


@pytest.mark.parametrize("after", ["", epochs(1), epochs(1, 2, 3, 4, 5, 6)])
def test_a_log_that_was_begun_anew_is_read_anew(files, run, after):
    reader, log = Reader(), run / "training_log.csv"
    log.write_text(HEADER + epochs(1, 2, 3))
    assert curve(reader, files) == [1, 2, 3]
    log.write_text("epoch,loss,val_loss,more\n" + after.replace("\n", ",9\n"))
    assert curve(reader, files) == [int(line[0]) for line in after.split()]


def test_a_log_that_was_taken_away_is_no_curve(files, run):
    reader, log = Reader(), run / "training_log.csv"
    log.write_text(HEADER + epochs(1))
    assert curve(reader, files) == [1]
    log.unlink()
    assert curve(reader, files) == []


def test_only_new_bytes_are_read(tmp_path, run):
    files, reader = Counted(tmp_path), Reader()
    log = run / "training_log.csv"
    log.write_text(HEADER + epochs(*range(1000)))
    curve(reader, files)
    curve(reader, files)
    before = files.bytes
    with log.open("a") as file:
        file.write(epochs(1000))
    assert len(curve(reader, files)) == 1001
    assert files.bytes - before < 200


# -- logs ----------------------------------------------------------------------------


def test_the_log_is_shown_as_it_grows(files, tmp_path):
    reader, job = Reader(), a_job()
    log = tmp_path / "slurm-7.out"
    assert reader.log_tail(job, files, LOG_END) == ""
    log.write_bytes(b"\x1b[31mred\x1b[0m\n")
    assert reader.log_tail(job, files, LOG_END) == "red\n"
    with log.open("ab") as file:
        file.write("grün \xff\n".encode("utf-8"))
    assert reader.log_tail(job, files, LOG_END) == "red\ngrün \xff\n"


@pytest.mark.parametrize("size", [2000, LOG_END, 2 * LOG_END])
def test_of_a_long_log_the_last_whole_lines_are_shown(files, tmp_path, size):
    lines = ["line {:06d}".format(n) for n in range(20000)]
    (tmp_path / "slurm-7.out").write_text("\n".join(lines))
    text = Reader().log_tail(a_job(), files, size)
    assert size - 20 <= len(text) <= size
    assert text.split("\n") == lines[-len(text.split("\n")) :]


def test_predictions_of_an_array_are_followed_each(files, tmp_path):
    job, reader = a_job(JobKind.PREDICT, tasks=3), Reader()
    for task in (0, 2):
        line = '{"n_processed": %d, "n_total": 9, "rate": 1.0, "eta": 5.0}\n' % task
        (tmp_path / "slurm-7_{}.out".format(task)).write_text(line)
    assert [one.done for one in reader.progress(job, files)] == [0, 2]
    assert "== slurm-7_2.out\n" in reader.log_tail(job, files, LOG_END)


def test_a_folder_that_the_cluster_does_not_show_is_said(tmp_path):
    files = ClusterFiles(LocalTransport(), str(tmp_path / "gone"))
    with pytest.raises(RemoteError, match="cannot be read on the cluster"):
        files.status(["x"])


# -- a tail, whatever happens to the file ----------------------------------------------


class Text(Files):
    """A file that is what the test says."""

    data = b""

    def status(self, names):
        return {name: Status(len(self.data), 0.0) for name in names}

    def read(self, name, offset, count):
        return self.data[offset : offset + count]


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=200)), max_size=8))
def test_what_was_read_is_what_is_there(changes):
    files, tail, read = Text(), Tail(), b""
    for is_new, data in changes:
        # A file that is written anew differs in its first bytes, as a log's times do.
        files.data = (b"#%d" % len(read) + data) if is_new else files.data + data
        new = tail.new(files, "x", len(files.data))
        read = new if tail.began_again else read + new
        assert read == files.data or len(read) == len(files.data)
