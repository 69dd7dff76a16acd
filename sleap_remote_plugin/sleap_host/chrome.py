"""What we put into SLEAP's window and dialogs: a dock, a submenu, a button."""

from __future__ import annotations

import logging
from typing import Any, Callable, Optional, Sequence, Tuple

from qtpy import QtCore, QtWidgets

from sleap_remote_plugin.qt.dialogs.explained import explain
from sleap_remote_plugin.words import tr

logger = logging.getLogger(__name__)

DOCK_NAME = "remote_dock"
DOCK_TITLE = tr("Remote jobs")
BUTTON_NAME = "remote_run_button"
WHERE_NAME = "remote_run_where"
RUNS = tr("Run it on the cluster: nothing runs on this computer.")
RUNS_THERE = tr("Run it on another cluster, and follow the jobs there.")


def make_dock(window: Any) -> Any:
    """A tab beside SLEAP's own docks, made of SLEAP's own class, and empty yet."""
    from sleap.gui.widgets.docks import DockWidget

    class RemoteDock(DockWidget):
        def lay_everything_out(self) -> None:
            self.wgt_layout.setContentsMargins(0, 0, 0, 0)

    dock = RemoteDock(name=DOCK_TITLE, main_window=window, tab_with=window.videos_dock)
    # Before SLEAP restores its window state, which goes by this name.
    dock.setObjectName(DOCK_NAME)
    window.videos_dock.raise_()
    return dock


def fill_dock(window: Any, title: str, content: QtWidgets.QWidget) -> Any:
    """Put a widget into the window's dock, made by now or before."""
    dock = window.findChild(QtWidgets.QDockWidget, DOCK_NAME) or make_dock(window)
    dock.setWindowTitle(title)
    dock.wgt_layout.addWidget(content)
    return dock


def insert_menu(
    window: Any, menu: QtWidgets.QMenu, behind: Optional[QtWidgets.QMenu] = None
) -> None:
    """Put a submenu into *Predict*, behind *Run Inference* or another one of ours.

    The menu is found as the parent of an action: asking the menu bar's actions for
    their menus destroys these in PySide2 5.14.
    """
    inference = window._menu_actions["inference"]
    predict = inference.parent()
    actions = predict.actions()
    before = inference if behind is None else behind.menuAction()
    after = actions.index(before) + 1
    if after < len(actions):
        predict.insertMenu(actions[after], menu)
    else:
        predict.addMenu(menu)


class RunButton(QtWidgets.QPushButton):
    """A button that is enabled whenever another one is, and never by itself default.

    While it is not, its tooltip says why.

    Beside it is `where`, with the other clusters, while there are any.
    """

    def __init__(
        self,
        text: str,
        like: QtWidgets.QAbstractButton,
        run: Callable[[], None],
        run_there: Callable[[str], None],
        why_not: Callable[[], str],
    ) -> None:
        super().__init__(text)
        self._like = like
        self._run = run
        self._run_there = run_there
        self._why_not = why_not
        self.where = _where_button()
        self.setObjectName(BUTTON_NAME)
        self.setAutoDefault(False)
        self.setDefault(False)
        # macOS gives buttons no focus: Return would go on to SLEAP's local Run.
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        like.installEventFilter(self)
        self._follow()
        self.clicked.connect(self._on_clicked)

    def offer(self, choices: Sequence[Tuple[str, str]]) -> None:
        """Offer other clusters: the name of each, and what its entry says."""
        menu = self.where.menu()
        menu.clear()
        for name, text in choices:
            action = menu.addAction(text)
            action.setData(name)
            action.triggered.connect(self._on_chosen)
        self.where.setVisible(bool(choices))

    def eventFilter(self, watched: Any, event: Any) -> bool:
        if event.type() == QtCore.QEvent.Type.EnabledChange:
            self._follow()
        return False

    def event(self, event: Any) -> bool:
        if event.type() == QtCore.QEvent.Type.ToolTip:
            self._explain()  # SLEAP may have another reason by now
        return super().event(event)

    def _follow(self) -> None:
        """Be enabled as the other button is, or say why not."""
        self.setEnabled(self._like.isEnabled())
        self.where.setEnabled(self._like.isEnabled())
        self._explain()

    def _explain(self) -> None:
        why_not = "" if self._like.isEnabled() else self._why_not()
        explain(self, why_not or RUNS)
        explain(self.where, why_not or RUNS_THERE)

    def keyPressEvent(self, event: Any) -> None:
        if not _is_return(self, event):
            super().keyPressEvent(event)

    def _on_clicked(self, *_: Any) -> None:
        try:
            self._run()
        except Exception:
            logger.exception("The button %r failed", self.text())

    def _on_chosen(self, *_: Any) -> None:
        try:
            self._run_there(str(self.sender().data()))
        except Exception:
            logger.exception("The menu of %r failed", self.text())


class _WhereButton(QtWidgets.QToolButton):
    def keyPressEvent(self, event: Any) -> None:
        if not _is_return(self, event):
            super().keyPressEvent(event)


def _is_return(button: QtWidgets.QAbstractButton, event: Any) -> bool:
    """Press the button with Return too: a dialog would press its default, *Run*."""
    if event.key() not in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter):
        return False
    event.accept()
    if not event.isAutoRepeat():
        button.click()
    return True


def _where_button() -> QtWidgets.QToolButton:
    button = _WhereButton()
    button.setObjectName(WHERE_NAME)
    button.setArrowType(QtCore.Qt.ArrowType.DownArrow)
    button.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
    button.setMenu(QtWidgets.QMenu(button))
    button.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
    button.setAccessibleName(tr("Run on another cluster"))
    button.hide()
    return button


def add_button(
    run_button: QtWidgets.QAbstractButton,
    text: str,
    run: Callable[[], None],
    run_there: Callable[[str], None],
    why_not: Callable[[], str],
) -> RunButton:
    """Put a `RunButton` beside SLEAP's *Run*; `why_not` says why that is disabled."""
    button = RunButton(text, run_button, run, run_there, why_not)
    parent = run_button.parentWidget()
    if isinstance(parent, QtWidgets.QDialogButtonBox):
        # Run's own role: then they are neighbours on every system.
        parent.addButton(button, parent.buttonRole(run_button))
        button.setAutoDefault(False)  # the box thinks otherwise
        parent.addButton(button.where, parent.buttonRole(run_button))
        button.where.hide()
        return button
    layout = parent.layout()
    layout.insertWidget(layout.indexOf(run_button), button)
    layout.insertWidget(layout.indexOf(run_button), button.where)
    return button
