"""What the table keeps over a restart: columns, sorting, what is folded and selected.

The search is not kept: nobody should have to wonder where their jobs are.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from qtpy.QtCore import QObject, QTimer

from sleap_remote_plugin.qt.job_table import JobTable
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.settings import Settings

COLUMNS = "window.table.columns"
FOLDED = "window.table.folded"
SELECTED = "window.table.selected"

#: So many folded rows are remembered, of all clusters; the last ones.
_MOST = 300
#: Milliseconds of quiet before something is written.
_QUIET = 400


class JobMemory(QObject):
    """Restores a table, and writes down what the user changes in it.

    On the files lane, since a home folder may be slow; when the window closes, at once.
    """

    def __init__(
        self,
        table: JobTable,
        settings: Settings,
        files: Lane,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.table = table
        self.settings = settings
        self._files = files
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_QUIET)
        self._timer.timeout.connect(self._on_quiet)
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

    def values(self) -> Dict[str, Any]:
        """What is to be remembered as things stand."""
        values: Dict[str, Any] = {
            COLUMNS: self.table.columns.to_dict(),
            FOLDED: self.table.folded_keys()[-_MOST:],
        }
        uid = self.table.selected_uid()
        if uid:
            values[SELECTED] = uid
        return values

    def _on_quiet(self) -> None:
        values = self.values()
        self._files.do(lambda: self._write(values))

    def _write(self, values: Dict[str, Any]) -> None:
        for key, value in values.items():
            self.settings.set(key, value)

    def _on_selected(self, uid: str) -> None:
        if uid:
            self._timer.start()

    def flush(self) -> None:
        """The window goes: what was not written yet is written."""
        self._timer.stop()
        self._write(self.values())
