"""A user's hands and eyes in a Qt program: find things, click, type, wait, look.

Everything goes by the mouse and the keyboard of the real window.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Callable, List, Optional

from qtpy import QtCore, QtGui, QtTest, QtWidgets

LEFT = QtCore.Qt.MouseButton.LeftButton


class Stuck(Exception):
    """What was waited for did not come."""


def wait_until(what: str, look: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Run the event loop until `look` returns something true; return that.

    Raises
    ------
    Stuck
        It did not within the time.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Stuck("waited {:.0f} s in vain for {}".format(seconds, what))
        loop = QtCore.QEventLoop()
        QtCore.QTimer.singleShot(50, loop.quit)
        loop.exec_()


def rest(milliseconds: int) -> None:
    """Let the window draw itself."""
    loop = QtCore.QEventLoop()
    QtCore.QTimer.singleShot(milliseconds, loop.quit)
    loop.exec_()


def visible(name: str) -> Optional[QtWidgets.QWidget]:
    """The visible widget of that objectName, the newest first."""
    found: List[QtWidgets.QWidget] = []
    for window in QtWidgets.QApplication.topLevelWidgets():
        if window.objectName() == name and window.isVisible():
            found.append(window)
        found += [
            widget
            for widget in window.findChildren(QtWidgets.QWidget, name)
            if widget.isVisible()
        ]
    return found[-1] if found else None


def is_gone(widget: QtWidgets.QWidget) -> bool:
    """Whether a window was closed; one that Qt has deleted was."""
    try:
        return not widget.isVisible()
    except RuntimeError:
        return True


def click(widget: QtWidgets.QWidget) -> None:
    """Click the middle of a widget, once it is enabled."""
    wait_until(
        "{} to be enabled".format(widget.objectName() or widget),
        lambda: widget.isEnabled() and widget.isVisible(),
    )
    QtTest.QTest.mouseMove(widget)
    # From the event loop: a click that opens a modal dialog must not hold us up.
    QtCore.QTimer.singleShot(0, lambda: QtTest.QTest.mouseClick(widget, LEFT))
    rest(150)


def click_name(name: str, seconds: float = 60.0) -> QtWidgets.QWidget:
    widget = wait_until("the button " + name, lambda: visible(name), seconds)
    click(widget)
    return widget


def type_into(widget: QtWidgets.QWidget, text: str) -> None:
    """Click a field and type."""
    QtTest.QTest.mouseClick(widget, LEFT)
    QtTest.QTest.keyClicks(widget, text)


def press_enter(widget: QtWidgets.QWidget) -> None:
    """Press Enter in a field, from the event loop."""
    key = QtCore.Qt.Key.Key_Return
    QtCore.QTimer.singleShot(0, lambda: QtTest.QTest.keyClick(widget, key))
    rest(150)


def press_escape(widget: QtWidgets.QWidget) -> None:
    """Press Escape in a window, from the event loop."""
    key = QtCore.Qt.Key.Key_Escape
    QtCore.QTimer.singleShot(0, lambda: QtTest.QTest.keyClick(widget, key))
    rest(150)


def click_menu(window: Any, path: List[Any], picture: Optional[Path] = None) -> None:
    """Open a menu from the menu bar and click through it; the last is an action.

    Parameters
    ----------
    path : list
        A QMenu of the menu bar, the submenus in it, and the QAction at the end.
    picture : Path or None
        Where a screenshot of the open menu goes.
    """
    bar = window.menuBar()
    first = path[0]
    QtTest.QTest.mouseClick(
        bar, LEFT, pos=bar.actionGeometry(first.menuAction()).center()
    )
    wait_until("the menu to open", first.isVisible, 10)
    holder = first
    for entry in path[1:]:
        action = entry.menuAction() if isinstance(entry, QtWidgets.QMenu) else entry
        place = holder.actionGeometry(action).center()
        QtTest.QTest.mouseMove(holder, place)
        rest(200)
        if isinstance(entry, QtWidgets.QMenu):
            QtTest.QTest.mouseClick(holder, LEFT, pos=place)
            wait_until("the submenu to open", entry.isVisible, 10)
            holder = entry
            continue
        if picture is not None:
            rest(200)
            look(picture)
        wait_until("the menu entry to be enabled", action.isEnabled, 30)
        _click_at(holder, place)


def _click_at(widget: QtWidgets.QWidget, place: QtCore.QPoint) -> None:
    # From the event loop: what the click opens must not hold us up.
    QtCore.QTimer.singleShot(
        0, lambda: QtTest.QTest.mouseClick(widget, LEFT, pos=place)
    )
    rest(200)


def look(path: Path) -> None:
    """A screenshot of the whole screen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rest(250)
    screen = QtGui.QGuiApplication.primaryScreen()
    screen.grabWindow(0).save(str(path))


def table_texts(name: str) -> List[str]:
    """All texts that a table or tree of that objectName shows, row by row."""
    view = visible(name)
    if view is None:
        return []
    texts: List[str] = []

    def walk(parent: Any) -> None:
        model = view.model()
        for row in range(model.rowCount(parent)):
            for column in range(model.columnCount(parent)):
                index = model.index(row, column, parent)
                value = model.data(index, int(QtCore.Qt.ItemDataRole.DisplayRole))
                if value:
                    texts.append(str(value))
            walk(model.index(row, 0, parent))

    walk(QtCore.QModelIndex())
    return texts


def select_row(name: str, text: str) -> None:
    """Click the row of a table or tree that shows a text."""
    view = visible(name)
    if view is None:
        raise Stuck("there is no visible {}".format(name))
    index = _find_index(view.model(), QtCore.QModelIndex(), text)
    if index is None:
        raise Stuck("{} has no row with {!r}".format(name, text))
    view.scrollTo(index)
    rect = view.visualRect(index)
    QtTest.QTest.mouseClick(view.viewport(), LEFT, pos=rect.center())
    rest(200)


def _find_index(model: Any, parent: Any, text: str) -> Any:
    for row in range(model.rowCount(parent)):
        for column in range(model.columnCount(parent)):
            index = model.index(row, column, parent)
            value = model.data(index, int(QtCore.Qt.ItemDataRole.DisplayRole))
            if value and text in str(value):
                return index
        inner = _find_index(model, model.index(row, 0, parent), text)
        if inner is not None:
            return inner
    return None
