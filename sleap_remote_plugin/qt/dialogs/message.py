"""A sentence for the user, with a program's own words under *Details*."""

from __future__ import annotations

import traceback
from typing import Callable, Optional

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QCheckBox, QMessageBox, QWidget

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.qt.dialogs.buttons import plain
from sleap_remote_plugin.words import tr

TITLE = tr("Remote jobs")


def tell_error(parent: Optional[QWidget], error: BaseException) -> QMessageBox:
    """Show an error; returns at once, the box stays until it is closed."""
    if isinstance(error, RemoteError):
        text, detail = str(error), error.detail
    else:
        text = tr(
            "Something went wrong that this program did not expect ({}). Jobs on the "
            "cluster are not touched by it. Please try again, and send the details to "
            "the developers if it comes back."
        ).format(type(error).__name__)
        detail = "".join(
            traceback.format_exception(type(error), error, error.__traceback__)
        )
    return tell(parent, text, detail, QMessageBox.Icon.Warning)


def tell(
    parent: Optional[QWidget],
    text: str,
    detail: str = "",
    icon: QMessageBox.Icon = QMessageBox.Icon.Information,
) -> QMessageBox:
    """Show a sentence. It is no question: it stops nobody, and takes no focus.

    Only who is busy with us gets it into the hand; who labels goes on labelling.
    """
    box = _box(parent, text, icon)
    box.setObjectName("remote_message")
    if detail:
        box.setDetailedText(detail)
    box.addButton(QMessageBox.StandardButton.Ok)
    plain(box)
    if QApplication.activeModalWidget() is not None:
        box.open()  # else it could not be closed before that one is
        return box
    box.setWindowModality(Qt.WindowModality.NonModal)
    box.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, not _is_with_us())
    box.show()
    return box


def _is_with_us() -> bool:
    """Whether the keyboard is in our dock or in a window of ours."""
    widget = QApplication.focusWidget()
    while widget is not None:
        if widget.objectName().startswith("remote_"):
            return True
        widget = widget.parentWidget()
    return False


def ask(
    parent: Optional[QWidget],
    text: str,
    yes: str,
    no: str,
    on_yes: Callable[[], None],
    name: str = "remote_question",
    on_no: Optional[Callable[[], None]] = None,
    also: Optional[QCheckBox] = None,
    detail: str = "",
) -> QMessageBox:
    """Ask a question whose default answer is no.

    Parameters
    ----------
    yes, no : str
        What the buttons say: the deeds, not "yes" and "no".
    also : QCheckBox, optional
        A smaller question with it.
    """
    box = _Question(parent, on_yes, on_no)
    box.setObjectName(name)
    _fill(box, text, QMessageBox.Icon.Question)
    agree = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    agree.setObjectName(name + "_yes")
    refuse = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    refuse.setObjectName(name + "_no")
    box.setDefaultButton(refuse)
    box.setEscapeButton(refuse)
    if also is not None:
        box.setCheckBox(also)
    if detail:
        box.setDetailedText(detail)
    box.agree = agree
    box.open()
    return box


class _Question(QMessageBox):
    def __init__(
        self,
        parent: Optional[QWidget],
        on_yes: Callable[[], None],
        on_no: Optional[Callable[[], None]],
    ) -> None:
        super().__init__(parent)
        self.agree: Optional[QWidget] = None
        self._on_yes = on_yes
        self._on_no = on_no
        self.finished.connect(self._on_finished)

    def _on_finished(self, *_args: int) -> None:
        if self.clickedButton() is self.agree:
            self._on_yes()
        elif self._on_no is not None:
            self._on_no()


def _box(parent: Optional[QWidget], text: str, icon: QMessageBox.Icon) -> QMessageBox:
    box = QMessageBox(parent)
    _fill(box, text, icon)
    return box


def _fill(box: QMessageBox, text: str, icon: QMessageBox.Icon) -> None:
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(TITLE)
    box.setIcon(icon)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
