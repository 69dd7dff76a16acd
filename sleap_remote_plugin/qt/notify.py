"""Tells of jobs that started or ended: a line in the dock, and the system tray."""

from __future__ import annotations

from typing import Optional

from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QSystemTrayIcon, QWidget

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.qt.states import TEXTS


def notice_of(job: Job) -> str:
    """A sentence on a change that a user waits for; empty for the others."""
    if job.state is JobState.RUNNING:
        return "“{}” has started.".format(job.name)
    if job.state is JobState.COMPLETED and job.kind is JobKind.PREDICT:
        return "“{}” has finished. Its predictions can be loaded.".format(job.name)
    if job.state is JobState.COMPLETED:
        return "“{}” has finished. Its models can be used.".format(job.name)
    if job.state.is_final and job.state is not JobState.CANCELLED:
        return "“{}” has ended: {}.".format(job.name, TEXTS[job.state].lower())
    return ""


class Notifier(QObject):
    """Shows notices in the system tray, where there is one and the user wants it."""

    opened = Signal(str)  # uid of the job whose notice was clicked

    def __init__(self, window: QWidget, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._window = window
        self._tray: Optional[QSystemTrayIcon] = None
        self._uid = ""
        self.is_wanted = True

    def tell(self, job: Job) -> None:
        """Nothing happens without a tray; the dock's line has it anyway."""
        text = notice_of(job)
        if not text or not self.is_wanted:
            return
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            icon = self._window.windowIcon()
            self._tray = QSystemTrayIcon(_or_plain(icon, self._window), self)
            self._tray.setToolTip("SLEAP remote jobs")
            self._tray.messageClicked.connect(self._on_clicked)
        self._uid = job.uid
        self._tray.show()
        self._tray.showMessage("SLEAP", text, self._tray.icon(), 8000)

    def close(self) -> None:
        if self._tray is not None:
            self._tray.hide()

    def _on_clicked(self) -> None:
        self.opened.emit(self._uid)


def _or_plain(icon: QIcon, window: QWidget) -> QIcon:
    if not icon.isNull():
        return icon
    return window.style().standardIcon(window.style().StandardPixmap.SP_ComputerIcon)
