"""A finished prediction that is dragged onto SLEAP's video: what is carried."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QMimeData, Qt
from qtpy.QtGui import QColor, QDrag, QIcon, QPainter, QPalette, QPixmap
from qtpy.QtWidgets import QApplication, QWidget

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState

#: Ours alone: nothing of SLEAP's, and no other program, takes it for a file.
MIME = "application/x-sleap-remote-job"


def can_be_dragged(job: Any) -> bool:
    """Whether its predictions can be loaded."""
    if job is None or job.kind is not JobKind.PREDICT:
        return False
    return job.state is JobState.COMPLETED


def carried(job: Job) -> QMimeData:
    data = QMimeData()
    data.setData(MIME, job.uid.encode("utf-8"))
    return data


def drag_of(job: Job, icon: QIcon, source: QWidget) -> QDrag:
    """The drag, with the job's name at the mouse."""
    drag = QDrag(source)
    drag.setMimeData(carried(job))
    drag.setPixmap(_label(job.name, icon, source))
    return drag


def _label(text: str, icon: QIcon, source: QWidget) -> QPixmap:
    metrics, palette = source.fontMetrics(), QApplication.palette()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, 240)
    height = metrics.height() + 8
    ratio = source.devicePixelRatioF()
    width = metrics.horizontalAdvance(shown) + height + 10
    pixmap = QPixmap(int(width * ratio), int(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(palette.color(QPalette.ColorRole.Base))
    painter = QPainter(pixmap)
    painter.setFont(source.font())
    painter.setPen(QColor(palette.color(QPalette.ColorRole.Text)))
    painter.drawRect(0, 0, width - 1, height - 1)
    icon.paint(painter, 4, 4, height - 8, height - 8)
    flags = int(Qt.AlignmentFlag.AlignVCenter)
    painter.drawText(height, 0, width - height - 4, height, flags, shown)
    painter.end()
    return pixmap
