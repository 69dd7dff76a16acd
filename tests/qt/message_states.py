"""What is told and asked in a box of its own."""

from __future__ import annotations

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.prediction import BadEnding, VideoInput
from sleap_remote_plugin.qt.dialogs.bad_frames import BadFramesDialog
from sleap_remote_plugin.qt.dialogs.message import ask, tell, tell_error

_NO_ROOM = (
    "There is no room left on the cluster's disk at /ceph/lab/小鼠_openfield. Nothing "
    "was submitted, and what was written is removed. Make room, and submit again."
)
_QUOTA = "sbatch: error: Disk quota exceeded\n" * 4


def messages():
    yield "message", tell(None, "The connection log is in /home/jane/log.txt now.")
    yield "message-error", tell_error(None, RemoteError(_NO_ROOM, detail=_QUOTA))
    yield "message-unexpected", tell_error(None, KeyError("skeleton"))
    question = "Stop “mouse top-down” on the cluster? What it has written so far stays."
    yield "question", ask(None, question, "Stop the job", "Let it go on", _nothing)


def bad_frames():
    one = VideoInput("/mnt/lab/mouse_2026.mp4", 0)
    other = VideoInput("/mnt/lab/小鼠/a folder with spaces/camera 3.avi", 1)
    bad = ((one, BadEnding(0, 1790, 10, one)), (other, BadEnding(1, 99, 1, None)))
    yield "bad-frames", BadFramesDialog(bad, 3, False)
    yield "bad-frames-all", BadFramesDialog(bad[1:], 1, False)


def _nothing():
    """What the question's answer leads to here."""
