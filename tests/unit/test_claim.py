"""Who may submit a folder: one at a time, and nobody for ever."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest

from sleap_remote_plugin.errors import AlreadySubmitted, MountNotProven
from sleap_remote_plugin.session import claim


def claimed_by(folder, **values):
    """Put the claim of another program there."""
    claim.take(folder, "aa")
    path = folder / claim.CLAIM_NAME
    found = json.loads(path.read_text())
    found.update(values)
    claim.release(folder, "aa")
    path.write_text(json.dumps(found))


def dead_pid():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_claim_is_given_back(tmp_path):
    claim.take(tmp_path, "aa")
    assert claim.holder(tmp_path).uid == "aa"
    claim.release(tmp_path, "aa")
    assert list(tmp_path.iterdir()) == []


def test_what_another_job_claimed_stays_claimed(tmp_path):
    claim.take(tmp_path, "aa")
    claim.release(tmp_path, "bb")
    assert claim.holder(tmp_path).uid == "aa"
    claim.release(tmp_path, "aa")


def test_of_many_at_once_one_gets_it(tmp_path):
    won = []
    start = threading.Barrier(8)

    def try_it(uid):
        start.wait()
        try:
            claim.take(tmp_path, uid)
            won.append(uid)
        except AlreadySubmitted:
            pass

    threads = [threading.Thread(target=try_it, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [claim.holder(tmp_path).uid]
    claim.release(tmp_path, won[0])


def test_one_at_work_keeps_it(tmp_path):
    claim.take(tmp_path, "aa")
    with pytest.raises(AlreadySubmitted, match="Nothing was sent a second time"):
        claim.take(tmp_path, "bb")
    claim.release(tmp_path, "aa")


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"pid": os.getppid()}, True),  # lives
        ({"pid": os.getpid()}, False),  # this program, which is not at it any more
        ({"pid": os.getppid(), "boot": "before"}, False),
        ({"machine": "another/1"}, True),  # it cannot be looked at from here
    ],
)
def test_whose_program_has_died_loses_it(tmp_path, values, kept):
    claimed_by(tmp_path, **values)
    if kept:
        with pytest.raises(AlreadySubmitted):
            claim.take(tmp_path, "bb")
    else:
        claim.take(tmp_path, "bb")
        assert claim.holder(tmp_path).uid == "bb"
        claim.release(tmp_path, "bb")


def test_a_program_that_has_ended_loses_it(tmp_path):
    claimed_by(tmp_path, pid=dead_pid())
    claim.take(tmp_path, "bb")
    claim.release(tmp_path, "bb")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"uid": 1, "pid": "x"}'])
def test_a_claim_that_cannot_be_read_runs_out_soon(tmp_path, text):
    path = tmp_path / claim.CLAIM_NAME
    path.write_text(text)
    with pytest.raises(AlreadySubmitted):
        claim.take(tmp_path, "bb")
    os.utime(str(path), (1.0, 1.0))
    claim.take(tmp_path, "bb")
    claim.release(tmp_path, "bb")


def test_another_machines_claim_runs_out(tmp_path):
    claimed_by(tmp_path, machine="another/1")
    path = tmp_path / claim.CLAIM_NAME
    then = path.stat().st_mtime - claim.LEASE - 1
    os.utime(str(path), (then, then))
    claim.take(tmp_path, "bb")
    claim.release(tmp_path, "bb")


def test_a_folder_that_is_gone_is_a_sentence(tmp_path):
    with pytest.raises(MountNotProven, match="Nothing was submitted"):
        claim.take(tmp_path / "gone", "aa")
