"""Our entries in SLEAP's own table of keyboard shortcuts (*Help*).

SLEAP keeps the table in ``~/.sleap/VERSION/shortcuts.yaml`` and passes over names that
it does not know: without us, ours are passed over, and gone the next time it saves.
"""

from __future__ import annotations

import functools
import logging
from typing import Any

from qtpy.QtGui import QKeySequence

from sleap_remote_plugin.qt.menu import ENTRIES

logger = logging.getLogger(__name__)

#: objectName of an entry -> keys, unless the user says otherwise. The others have none.
DEFAULTS = {
    "remote_train": "Ctrl+Shift+T",
    "remote_predict": "Ctrl+Shift+P",
    "remote_jobs": "Ctrl+Shift+R",
}


def words(entry: str) -> str:
    """How SLEAP's table calls an entry: ``remote train``."""
    return entry.replace("_", " ")


NAMES = tuple(words(entry) for entry, _ in ENTRIES if entry)


def add_names() -> None:
    """List our entries in SLEAP's table; a second call does nothing."""
    from sleap.gui.shortcuts import Shortcuts

    new = tuple(name for name in NAMES if name not in Shortcuts._names)
    if not new:
        return
    fill = Shortcuts.__init__

    @functools.wraps(fill)
    def with_ours(self: Any, *args: Any, **kwargs: Any) -> None:
        fill(self, *args, **kwargs)
        try:
            _add_defaults(self)
        except Exception:
            logger.exception("No shortcuts of ours")

    Shortcuts._names = tuple(Shortcuts._names) + new
    Shortcuts.__init__ = with_ours


def _add_defaults(table: Any) -> None:
    """Our defaults, where the user gave these keys to nothing else."""
    taken = {keys_of(table, name) for name in table._names if name not in NAMES}
    for entry, keys in DEFAULTS.items():
        if keys not in taken:
            table._defaults.setdefault(words(entry), QKeySequence(keys))


def keys_of(table: Any, name: str) -> str:
    """Keys of one of SLEAP's names, as QKeySequence spells them; empty: none."""
    return QKeySequence(table[name]).toString()
