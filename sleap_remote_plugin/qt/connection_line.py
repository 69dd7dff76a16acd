"""The dock's first line: how the connection stands, and what can be done about it."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QAction,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.job_groups import counts
from sleap_remote_plugin.qt.states import sign_pixmap
from sleap_remote_plugin.words import tr

#: So many letters of the line are worth more than the counts.
_LEAST = 24

#: objectName -> text
ACTIONS = (
    ("remote_line_connect", tr("Connect")),
    ("remote_line_disconnect", tr("Disconnect")),
    ("", ""),
    ("remote_line_check", tr("Check connection...")),
    ("remote_line_log", tr("Connection log...")),
)


class ConnectionLine(QWidget):
    """Icon, text, counts, *Connect*, and a menu with the rest.

    A click on the text connects where that would help, and opens the menu else.
    """

    chosen = Signal(str)  # objectName of `ACTIONS`, or remote_line_stop

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        line = QHBoxLayout()
        lines.addLayout(line)
        self.icon = QLabel()
        self.text = ElidedLabel()
        self.text.setObjectName("remote_connection")
        policy = QSizePolicy.Policy
        self.text.setSizePolicy(policy.Ignored, policy.Preferred)  # counts come first
        self.counts = ElidedLabel()
        self.counts.setSizePolicy(policy.Preferred, policy.Preferred)
        self.counts.setObjectName("remote_counts")
        self.sign_in = QToolButton()
        self.sign_in.setObjectName("remote_sign_in")
        self.sign_in.clicked.connect(self._on_sign_in)
        self.menu = self._menu()
        self.more = QToolButton()
        self.more.setObjectName("remote_connection_menu")
        self.more.setText("...")
        self.more.setAutoRaise(True)
        self.more.setToolTip(tr("Connect, check the connection, show its log."))
        self.more.setAccessibleName(tr("Connection menu"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.more.setMenu(self.menu)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        line.addWidget(self.icon)
        line.addWidget(self.text, 1)
        line.addWidget(self.counts)
        line.addWidget(self.sign_in)
        line.addWidget(self.more)
        self._can_connect = self._is_connecting = self._is_warning = False
        self.whole = QLabel()
        self.whole.setObjectName("remote_connection_whole")
        self.whole.setTextFormat(Qt.TextFormat.PlainText)
        self.whole.setWordWrap(True)
        self.whole.hide()
        lines.addWidget(self.whole)
        # Not within a resize: the layout above would not hear of another height.
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self._show_whole)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName("remote_line_menu")
        menu.setToolTipsVisible(True)
        self.entries: Dict[str, QAction] = {}
        for name, text in ACTIONS:
            if not name:
                menu.addSeparator()
                continue
            action = QAction(text, menu)
            action.setObjectName(name)
            action.triggered.connect(self._on_action)
            menu.addAction(action)
            self.entries[name] = action
        return menu

    def show_state(self, sign: str, text: str, can_connect: bool) -> None:
        """`sign` is one of `states.SIGNS`."""
        self.icon.setPixmap(sign_pixmap(sign, self))
        self._can_connect = can_connect
        self._is_connecting = sign == "connecting"
        self._is_warning = sign == "warn"
        hint = (
            tr("Click to connect.") if can_connect else tr("Click for check and log.")
        )
        self.text.setText(text)
        self.text.set_hint(hint)
        self.sign_in.setText(tr("Cancel") if self._is_connecting else tr("Connect"))
        self.sign_in.setToolTip(
            tr("Stop connecting. Nothing was sent.")
            if self._is_connecting
            else tr("Connect to the cluster and sign in, now.")
        )
        self.sign_in.setVisible(can_connect or self._is_connecting)
        self._allow("remote_line_connect", can_connect, _why_no_connect(sign))
        self._allow("remote_line_disconnect", sign == "ok", tr("Not connected."))
        self._show_whole()

    def _allow(self, name: str, can: bool, why_not: str) -> None:
        entry = self.entries[name]
        entry.setEnabled(can)
        entry.setToolTip(entry.text() if can else why_not)

    def show_counts(self, text: str) -> None:
        """How many jobs run and are queued."""
        self.counts.setText(text)
        self._show_whole()

    def _show_whole(self) -> None:
        """A warning that does not fit into the line is told in lines of its own.

        Where hardly a word of the line would be left, the counts go: the table has
        them, too.
        """
        text = self.text.text()
        rest = text.partition(" – ")[2] or text
        self.whole.setText(rest[:1].upper() + rest[1:])
        self.counts.setVisible(bool(self.counts.text()) and self._has_room())
        fits = self.text.elided_text() == text
        self.whole.setVisible(self._is_warning and not fits)

    def _has_room(self) -> bool:
        """Whether the counts leave some of the line to be read."""
        beside = [self.icon, self.counts, self.more]
        beside += [self.sign_in] if not self.sign_in.isHidden() else []
        taken = sum(widget.sizeHint().width() + 6 for widget in beside)
        wanted = min(self.text.sizeHint().width(), _LEAST * _letter(self))
        return self.width() - taken >= wanted

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._settled.start(0)

    def mouseReleaseEvent(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
        elif self._can_connect:
            self.chosen.emit("remote_line_connect")
        else:
            self._on_menu(event.pos())

    def _on_menu(self, place: Any) -> None:
        self.menu.popup(self.mapToGlobal(place))

    def _on_sign_in(self, *_args: Any) -> None:
        stop = "remote_line_stop" if self._is_connecting else "remote_line_connect"
        self.chosen.emit(stop)

    def _on_action(self, *_args: Any) -> None:
        sender = self.sender()
        if sender is not None:
            self.chosen.emit(sender.objectName())


def _letter(widget: QWidget) -> int:
    return widget.fontMetrics().averageCharWidth()


def _why_no_connect(sign: str) -> str:
    if sign == "connecting":
        return tr("It is being connected.")
    return (
        tr("No cluster is set up yet.") if sign == "off" else tr("Connected already.")
    )


def counts_text(jobs: Sequence[Job]) -> str:
    """``2 running, 1 queued``; empty where no job is open.

    Those that are on their way are told where there are no others.
    """
    there = (JobState.RUNNING, JobState.FINISHING, JobState.QUEUED)
    return counts(job for job in jobs if job.state in there) or counts(
        job for job in jobs if not job.state.is_final
    )
