"""What the table keeps over a restart: columns, sorting, what is folded and selected.

The search is not kept: nobody should have to wonder where their jobs are.
"""

from __future__ import annotations

from typing import Optional

from qtpy.QtCore import QObject, QTimer

from sleap_remote_plugin.qt.job_table import JobTable
from sleap_remote_plugin.session.settings import Settings

COLUMNS = "window.table.columns"
FOLDED = "window.table.folded"
SELECTED = "window.table.selected"

#: So many folded rows are remembered, of all clusters; the last ones.
_MOST = 300
#: Milliseconds of quiet before something is written.
_QUIET = 400


class JobMemory(QObject):
    """Restores a table, and writes down what the user changes in it."""

    def __init__(
        self, table: JobTable, settings: Settings, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self.table = table
        self.settings = settings
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_QUIET)
        self._timer.timeout.connect(self.write)
        self._restore()
        table.columns.changed.connect(self._timer.start)
        table.folded.connect(self._timer.start)
        table.selected.connect(self._on_selected)

    def _restore(self) -> None:
        self.table.columns.restore(self.settings.get(COLUMNS, None))
        folded = self.settings.get(FOLDED, [])
        if isinstance(folded, list):
            self.table.fold_keys(key for key in folded if isinstance(key, str))
        self.table.remember(str(self.settings.get(SELECTED)))

    def write(self) -> None:
        """Write it down now."""
        self._timer.stop()
        self.settings.set(COLUMNS, self.table.columns.to_dict())
        self.settings.set(FOLDED, self.table.folded_keys()[-_MOST:])
        uid = self.table.selected_uid()
        if uid:
            self.settings.set(SELECTED, uid)

    def _on_selected(self, uid: str) -> None:
        if uid:
            self._timer.start()

    def flush(self) -> None:
        """The window goes: what was not written yet is written."""
        if self._timer.isActive():
            self.write()
