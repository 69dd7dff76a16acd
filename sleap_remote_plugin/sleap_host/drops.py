"""What is dropped onto SLEAP's video and is ours; all else goes on to SLEAP."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from qtpy.QtCore import QEvent, QObject, Qt, Signal

_MOVES = (QEvent.Type.DragEnter, QEvent.Type.DragMove)


class DropTarget(QObject):
    """Watches widgets for drags of one MIME type.

    An event filter, since SLEAP's own methods take files only, and are called for
    them as before.
    """

    _over = Signal(str)

    def __init__(
        self, widgets: Sequence[Any], mime: str, dropped: Callable[[str], None]
    ) -> None:
        super().__init__(widgets[0])
        self._mime = mime
        self._dropped = dropped
        # Called when the drag is over: a dialog that opens in it would never close it.
        self._over.connect(self._on_over, Qt.ConnectionType.QueuedConnection)
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, _watched: Any, event: Any) -> bool:
        kind = event.type()
        if kind not in _MOVES and kind != QEvent.Type.Drop:
            return False
        if not event.mimeData().hasFormat(self._mime):
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if kind == QEvent.Type.Drop:
            # .data(): bytes() of a QByteArray ends PySide2 5.14.
            data = event.mimeData().data(self._mime).data()
            self._over.emit(data.decode("utf-8", "replace"))
        return True

    def _on_over(self, text: str) -> None:
        self._dropped(text)
