"""A lock between SLEAP's windows, which are processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sleap_remote_plugin.session.only_one import OnlyOne

HOLDER = """
import sys
from pathlib import Path
from sleap_remote_plugin.session.only_one import OnlyOne
lock = OnlyOne(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
lock.release()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "fetching" / "a")],
        cwd=str(Path(__file__).resolve().parents[2]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline().strip() == b"held"
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def lock(tmp_path):
    return OnlyOne(tmp_path / "fetching" / "a")


def test_another_process_has_it(holder, lock):
    assert not lock.acquire(timeout=0)
    assert OnlyOne(lock.path.with_name("b")).acquire(timeout=0)


@pytest.mark.parametrize("end", ["released", "killed"])
def test_it_is_free_once_the_other_process_is_done(holder, lock, end):
    if end == "killed":
        holder.kill()
    holder.communicate()
    assert lock.acquire(timeout=0)


def test_it_is_waited_for(holder, lock):
    threading.Timer(0.2, holder.kill).start()
    assert lock.acquire()


def test_two_threads_do_not_have_it_together(lock):
    with lock:
        found = []
        thread = threading.Thread(target=lambda: found.append(lock.acquire(0.01)))
        thread.start()
        thread.join()
    assert found == [False]
    assert lock.acquire(timeout=0)


def test_where_no_file_can_be_made_it_is_this_processs_only(tmp_path, caplog):
    (tmp_path / "fetching").write_text("a file")
    lock = OnlyOne(tmp_path / "fetching" / "a")
    assert lock.acquire(timeout=0)
    assert not lock.acquire(timeout=0)
    assert "another window" in caplog.text
