"""The dialog that copies files to the cluster's disk, in each of its states."""

from __future__ import annotations

from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.qt.dialogs.transfer import TransferDialog
from sleap_remote_plugin.session.copying import Offer
from sleap_remote_plugin.session.sources import Item, SourceFile
from sleap_remote_plugin.session.transfer_progress import Progress

_LONG = "2026-11-21_openfield_camera-3_小鼠_a_very_long_name_that_says_it_all_2.mp4"


def _item(name, size, count=1):
    files = tuple(
        SourceFile("/home/jane/data/{}/{}".format(name, n), str(n), size // count, 0)
        for n in range(count)
    )
    return Item("/home/jane/data/" + name, name, files, count > 1)


_ITEMS = (
    _item("mouse 1.mp4", 51 << 30),
    _item(_LONG, 3 << 30),
    _item("frames of day 3", 12000 * 80000, 12000),
    _item("261121_centroid.n=212", 91 << 20, 14),
)
_OFFER = Offer("/home/jane/labels.slp", False, _ITEMS, ("/mnt/lab/jane/mice",))


def transfers():
    """(name, dialog) for each state."""
    yield "transfer", _dialog(_OFFER, JobKind.PREDICT)
    yield "transfer-training", _dialog(_OFFER, JobKind.TRAIN)
    yield "transfer-folder", _dialog(_OFFER._replace(items=()), JobKind.TRAIN)
    far = _OFFER._replace(folders=("~/sleap",), over_ssh=True)
    yield "transfer-ssh", _dialog(far, JobKind.PREDICT)
    running = _dialog(_OFFER, JobKind.PREDICT)
    running.copy.click()
    running.show_progress(
        Progress("Copying", _LONG, 2, 4, 52 << 30, 55 << 30, 41.5e6, 78.0)
    )
    yield "transfer-running", running
    stopped = _dialog(_OFFER, JobKind.PREDICT)
    stopped.show_problem(
        "There is no room left in /mnt/lab/jane/mice. Make room there. What was copied "
        "so far is kept: start again, and it goes on from there."
    )
    yield "transfer-stopped", stopped


def _dialog(offer, kind):
    return TransferDialog("Practice HPC", offer, kind)
