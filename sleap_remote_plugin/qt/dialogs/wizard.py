"""The set-up of a cluster as a dialog: steps on the left, one page at a time.

It shows what it is told and says what was pressed; the steps are done in setup.py.
"""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.qt.dialogs.wizard_pages import (
    ClusterPage,
    ConnectPage,
    DisksPage,
    LinesPage,
    UserPage,
)
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.states import SIGNS, sign_pixmap
from sleap_remote_plugin.words import tr

#: name, title on the left, heading of the page
STEPS = (
    ("cluster", tr("Cluster"), tr("Which cluster?")),
    ("user", tr("User"), tr("Who are you there?")),
    ("connection", tr("Connection"), tr("Connect")),
    ("disks", tr("Disks"), tr("Which disk do both sides see?")),
    ("sleap", "SLEAP", tr("Which SLEAP does it have?")),
    ("done", tr("Done"), tr("Ready")),
)
NAMES = tuple(name for name, _, _ in STEPS)

#: Steps with a question only: the window is as high as its list of steps.
ASKING = ("cluster", "user")
#: Its size while it asks, and once it shows what was found; in heights of a line.
_SMALL, _FULL = (44, 25), (48, 33)
#: Pixels of the smallest screen that it is to fit.
_SCREEN = QSize(1200, 640)
#: Steps that look for something: they can be tried again.
LOOKING = ("connection", "disks", "sleap")


class StepList(QWidget):
    """The steps, how each stands, and what came of it."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(12 * self.fontMetrics().height())
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 6, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        self._icons: Dict[str, QLabel] = {}
        self._titles: Dict[str, QLabel] = {}
        self.results: Dict[str, ElidedLabel] = {}
        for number, (name, title, _) in enumerate(STEPS):
            icon, result = QLabel(), ElidedLabel()
            size = max(16, icon.fontMetrics().height())
            icon.setFixedSize(size, size)
            result.setObjectName("remote_wizard_result_" + name)
            result.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            result.setMinimumHeight(result.fontMetrics().height() + 10)
            grid.addWidget(icon, 2 * number, 0)
            grid.addWidget(self._title(name, title), 2 * number, 1)
            grid.addWidget(result, 2 * number + 1, 1)
            self._icons[name] = icon
            self.results[name] = result
            self.mark(name, "off", "")
        grid.setRowStretch(2 * len(STEPS), 1)

    def _title(self, name: str, title: str) -> QLabel:
        self._titles[name] = QLabel(title)
        return self._titles[name]

    def mark(self, name: str, sign: str, result: str) -> None:
        icon = self._icons[name]
        icon.setAccessibleName(tr("Not yet") if sign == "off" else SIGNS[sign][0])
        if sign == "off":
            icon.clear()
        else:
            icon.setPixmap(sign_pixmap(sign, self))
        self.results[name].setText(result)

    def point_at(self, name: str) -> None:
        for one, title in self._titles.items():
            font = title.font()
            font.setBold(one == name)
            title.setFont(font)


class SetupWizard(QDialog):
    """Accepted means: the profile is written."""

    next_wanted = Signal(str)
    back_wanted = Signal(str)
    again_wanted = Signal(str)

    def __init__(
        self,
        profiles: Sequence[ClusterProfile],
        profile: Optional[ClusterProfile] = None,
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_wizard")
        self.setWindowTitle(tr("Set up a cluster"))
        self.resize(self._in_ems(_SMALL))
        self.setMinimumSize(520, 330)
        self.step = "cluster"
        self._busy = False
        self.steps = StepList()
        self.heading = QLabel()
        self.heading.setObjectName("remote_wizard_heading")
        font = self.heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self.heading.setFont(font)
        self.cluster = ClusterPage(profiles, profile)
        self.user = UserPage()
        self.connection = ConnectPage()
        self.disks = DisksPage()
        self.sleap = LinesPage("remote_wizard_sleap")
        self.summary = LinesPage("remote_wizard_summary")
        self._pages: Dict[str, Any] = {
            "cluster": self.cluster,
            "user": self.user,
            "connection": self.connection,
            "disks": self.disks,
            "sleap": self.sleap,
            "done": self.summary,
        }
        self.pages = QStackedWidget()
        for name in NAMES:
            self.pages.addWidget(self._pages[name])
        self.cluster.changed.connect(self._on_changed)
        self.user.changed.connect(self._on_changed)
        layout = QVBoxLayout(self)
        layout.addLayout(self._upper(), 1)
        layout.addWidget(_rule(QFrame.Shape.HLine))
        layout.addLayout(self._buttons())
        self.show_step("cluster")

    def _upper(self) -> QHBoxLayout:
        page = QVBoxLayout()
        page.addWidget(self.heading)
        page.addSpacing(4)
        page.addWidget(self.pages, 1)
        upper = QHBoxLayout()
        upper.setSpacing(12)
        upper.addWidget(self.steps)
        upper.addWidget(_rule(QFrame.Shape.VLine))
        upper.addLayout(page, 1)
        return upper

    def _buttons(self) -> QHBoxLayout:
        self.again = self._button(
            tr("Try again"), "remote_wizard_again", self._on_again
        )
        self.back = self._button(tr("Back"), "remote_wizard_back", self._on_back)
        self.next = self._button(tr("Next"), "remote_wizard_next", self._on_next)
        self.cancel = self._button(
            tr("Cancel"), "remote_wizard_cancel", self._on_cancel
        )
        self.next.setDefault(True)
        line = QHBoxLayout()
        line.addWidget(self.again)
        line.addStretch(1)
        for button in (self.back, self.next, self.cancel):
            line.addWidget(button)
        return line

    def _button(self, text: str, name: str, slot: Any) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _in_ems(self, size: Tuple[int, int]) -> QSize:
        em = self.fontMetrics().height()
        return (QSize(*size) * em).boundedTo(_SCREEN)

    # -- what is shown ----------------------------------------------------------------

    def show_step(self, name: str) -> None:
        self.step = name
        self.heading.setText({one: heading for one, _, heading in STEPS}[name])
        self.steps.point_at(name)
        self.pages.setCurrentIndex(NAMES.index(name))
        if name not in ASKING:
            self.resize(self.size().expandedTo(self._in_ems(_FULL)))
        self.set_busy(False)
        field = {"cluster": self.cluster.clusters, "user": self.user.name}.get(name)
        if field is not None:
            field.setFocus()
        else:
            self.next.setFocus()

    def set_busy(self, busy: bool, can_go_on: bool = True) -> None:
        """While busy only *Back* and *Cancel* can be pressed."""
        self._busy = busy
        complete = True
        if self.step in ("cluster", "user"):
            complete = self._pages[self.step].is_complete()
        self.next.setEnabled(not busy and can_go_on and complete)
        self.next.setText(tr("Save") if self.step == "done" else tr("Next"))
        self.back.setEnabled(self.step != "cluster")
        self.again.setVisible(self.step in LOOKING)
        self.again.setEnabled(not busy)
        self.disks.prove.setEnabled(not busy and self.disks.candidate() is not None)
        self.cluster.setEnabled(not busy)
        if can_go_on and not busy:
            self.next.setDefault(True)

    def say(self, name: str, sign: str, text: str) -> None:
        """A sentence on top of a step's page."""
        self._pages[name].verdict.say(sign, text)

    def show_lines(self, name: str, lines: Sequence[Any]) -> None:
        self._pages[name].found.show_lines(lines)

    def forget_after(self, name: str) -> None:
        """The steps behind this one were not done."""
        for later in NAMES[NAMES.index(name) + 1 :]:
            self.steps.mark(later, "off", "")

    # -- what was pressed -------------------------------------------------------------

    def _on_changed(self) -> None:
        self.set_busy(self._busy)

    def _on_next(self, *_args: Any) -> None:
        self.next_wanted.emit(self.step)

    def _on_back(self, *_args: Any) -> None:
        self.back_wanted.emit(self.step)

    def _on_again(self, *_args: Any) -> None:
        self.again_wanted.emit(self.step)

    def _on_cancel(self, *_args: Any) -> None:
        self.reject()


def _rule(shape: QFrame.Shape) -> QFrame:
    rule = QFrame()
    rule.setFrameShape(shape)
    rule.setFrameShadow(QFrame.Shadow.Plain)
    palette = rule.palette()
    role = QPalette.ColorRole.WindowText
    palette.setColor(role, palette.color(QPalette.ColorGroup.Disabled, role))
    rule.setPalette(palette)
    return rule
