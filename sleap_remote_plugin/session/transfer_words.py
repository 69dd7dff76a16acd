"""The sentences of copies that ended early."""

from __future__ import annotations

import errno

from sleap_remote_plugin.errors import CopyStopped, NoRoom
from sleap_remote_plugin.words import tr

_KEPT = tr("What was copied so far is kept: start again, and it goes on from there.")
CANCELLED = tr("The copy was stopped. ") + _KEPT
LOST = "{} " + _KEPT
HANGS = (
    tr("The disk of {} does not answer. Check the network, or mount it again. ") + _KEPT
)
DAMAGED = tr(
    "What arrived in {} is not what was sent, so it was taken away there. The original "
    "is as it was. Start again; if it happens again, tell the disk's people."
)
CHANGED = tr(
    "{} changed while it was copied: it may still be written. Nothing was submitted. "
    "Start again when it is finished."
)
_ROOM = tr("There is no room left in {}. Make room there. ") + _KEPT
_QUOTA = tr("Your quota for {} is used up. Make room there. ") + _KEPT
_DENIED = (
    tr(
        "{} cannot be written: {}. Choose a folder of your own, or ask its owner for "
        "write permission. "
    )
    + _KEPT
)
_GONE = tr("{} cannot be reached: {}. Check that the disk is mounted. ") + _KEPT

_DENIALS = (errno.EACCES, errno.EPERM, errno.EROFS)


def disk_refused(folder: str, error: OSError) -> CopyStopped:
    """What the target's disk said, as a sentence for the user."""
    words = error.strerror or str(error)
    if error.filename and not str(error.filename).startswith(folder):
        return CopyStopped(
            tr("{} cannot be read: {}. Check that it is there. {}").format(
                error.filename, words, _KEPT
            ),
            detail=repr(error),
        )
    if error.errno == errno.ENOSPC:
        return NoRoom(_ROOM.format(folder), detail=repr(error))
    if error.errno == getattr(errno, "EDQUOT", -1):
        return NoRoom(_QUOTA.format(folder), detail=repr(error))
    text = _DENIED if error.errno in _DENIALS else _GONE
    return CopyStopped(text.format(folder, words), detail=repr(error))


def short(name: str) -> str:
    """A name's beginning, so that a longer one made of it is still allowed."""
    while len(name.encode("utf-8", "surrogateescape")) > 200:
        name = name[:-1]
    return name
