"""What every window of ours must hold to; each audit yields sentences on what fails.

Here: names, as a screen reader gets them, and the keyboard. What is seen is audited in
``audits_of_looks.py``, which has all audits by name.
"""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QAccessible
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QTabBar,
    QTextBrowser,
    QTextEdit,
    QWidget,
)

from sleap_remote_plugin.qt.job_log import LogPage
from sleap_remote_plugin.qt.selectable import SelectableLabel

#: What can be acted on.
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QTextEdit,
)


def controls(window):
    """Visible widgets that can be acted on; none that Qt makes for its own use."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, CONTROLS)
        and widget.isVisible()
        and not _is_qts_own(widget)
    ]


def _is_qts_own(widget):
    parent = widget.parentWidget()
    if isinstance(parent, (QComboBox, QAbstractSpinBox, QTabBar, QLineEdit)):
        return True
    if type(widget).__name__ == "QComboBoxListView" or isinstance(widget, QHeaderView):
        return True
    if parent is not None and parent.objectName() == "qt_msgbox_buttonbox":
        return False
    return widget.objectName().startswith("qt_") or (
        isinstance(parent, QAbstractItemView) and isinstance(widget, QAbstractButton)
    )


def called(widget):
    """How a finding names a widget."""
    text = getattr(widget, "text", None)  # a widget of ours may call a label so
    words = text() if callable(text) and not _is_edit(widget) else ""
    name = widget.objectName() or "without a name"
    return "{} {} {!r}".format(type(widget).__name__, name, str(words)[:40])


def _is_edit(widget):
    return isinstance(widget, (QLineEdit, QAbstractSpinBox))


def spoken(widget):
    """The name that a screen reader says: the widget's own, its text or its label's."""
    told = QAccessible.queryAccessibleInterface(widget)
    text = told.text(QAccessible.Text.Name) if told is not None else ""
    if text or not _is_edit(widget):
        return text or widget.accessibleName()
    return widget.accessibleName()


# -- names ----------------------------------------------------------------------------


def names(window, _look):
    """Whoever hears the window instead of seeing it, and whoever tests it."""
    for widget in controls(window):
        if not spoken(widget).strip():
            yield "{}: no accessible name".format(called(widget))
        if not widget.objectName():
            yield "{}: no objectName".format(called(widget))
        elif not widget.objectName().startswith("remote_"):
            yield "{}: objectName does not begin with remote_".format(called(widget))
    own = [w.objectName() for w in controls(window) if w.objectName()]
    for name in sorted({name for name in own if own.count(name) > 1}):
        yield "{}: {} controls have that name".format(name, own.count(name))
    if isinstance(window, QDialog) and not window.windowTitle():
        yield "the window has no title"


def tooltips(window, _look):
    """A button without words says in a tooltip what it does."""
    for widget in controls(window):
        if not isinstance(widget, QAbstractButton):
            continue
        has_words = any(letter.isalnum() for letter in widget.text())
        if not has_words and not widget.toolTip():
            yield "{}: no words and no tooltip".format(called(widget))


def entries(window, _look):
    """Each entry of a menu has a name; a grey one says why, where it can be seen."""
    menus = window.findChildren(QMenu)
    menus += [window] if isinstance(window, QMenu) else []
    for menu in menus:
        if not menu.objectName().startswith("remote_"):
            yield "{}: a menu without a name of ours".format(menu.title())
        for action in menu.actions():
            if action.isSeparator():
                continue
            called_so = "{}, {}".format(menu.objectName(), action.text())
            if not _name_of(action, menus).startswith("remote_"):
                yield "{}: no objectName that begins with remote_".format(called_so)
            words = action.text().replace("&", "").replace("...", "")
            if action.isEnabled():
                continue
            if action.toolTip() in ("", action.text(), words):
                yield "{}: grey, and its tooltip does not say why".format(called_so)
            elif not menu.toolTipsVisible():
                yield "{}: grey, and the menu shows no tooltips".format(called_so)


def _name_of(action, menus):
    """Of an entry that opens a menu, the menu's name: Qt makes the entry."""
    opened = [menu for menu in menus if menu.menuAction() is action]
    return opened[0].objectName() if opened else action.objectName()


def copied(window, _look):
    """What can be selected is copied without the marks where it may wrap."""
    for label in window.findChildren(QLabel):
        flags = label.textInteractionFlags()
        can_select = bool(flags & Qt.TextInteractionFlag.TextSelectableByMouse)
        is_ours = isinstance(label, SelectableLabel)
        if can_select and not is_ours and "\u200b" in label.text():
            yield "{}: would copy characters without width".format(called(label))


def followed(window, _look):
    """A log that is followed shows its end."""
    for page in window.findChildren(LogPage):
        bar = page.text.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum() - 2
        if page.isVisible() and page.follows.isChecked() and not is_at_end:
            yield "{}: at line {} of {}".format(
                called(page.text), bar.value(), bar.maximum()
            )


# -- the keyboard ---------------------------------------------------------------------


def keyboard(window, _look):
    """Tab comes to each control that is enabled, and Shift+Tab goes the way back."""
    wanted = [w for w in controls(window) if w.isEnabled() and not _is_told_only(w)]
    if not wanted:
        return
    start = window.focusWidget()
    if start is None:
        window.focusNextChild()
        start = window.focusWidget()
    wanted_by_return, lost = _defaults(window), []
    there = _round(window, start, Qt.Key.Key_Tab, lost, wanted_by_return)
    for widget in lost:
        yield "{}: Return there does not press {}".format(
            called(widget), ", ".join(b.objectName() for b in wanted_by_return)
        )
    for widget in wanted:
        if not _was_reached(widget, there):
            yield "{}: Tab does not come to it".format(called(widget))
    if there[-1] is not start or (len(there) == 1 and len(wanted) > 1):
        yield "{}: Tab does not leave it".format(called(there[-1]))
        return
    back = _round(window, start, Qt.Key.Key_Backtab)
    if back[:-1] != there[:-1][::-1] or back[-1] is not start:
        yield "Shift+Tab does not go back the way that Tab came"
    start.setFocus()


def _past_links(window, text, key, held):
    """What has the focus when Tab has been to each link of a text."""
    for _ in range(200):
        QTest.keyClick(text, key, held)
        if window.focusWidget() is not text:
            break
    return window.focusWidget()


def _defaults(window):
    return [b for b in window.findChildren(QPushButton) if b.isDefault()]


def _round(window, start, key, lost=None, defaults=()):
    """What has the focus after each press, until it is `start` again or stays.

    `lost` gets the fields where Return would press another button than `defaults`.
    """
    came = []
    modifier = Qt.KeyboardModifier
    while len(came) < 200:
        before = window.focusWidget()
        held = modifier.ShiftModifier if key == Qt.Key.Key_Backtab else modifier(0)
        QTest.keyClick(before, key, held)
        now = window.focusWidget()
        if now is before and isinstance(before, QTextBrowser):
            now = _past_links(window, before, key, held)
        came.append(now)
        is_button = isinstance(now, QPushButton)
        if lost is not None and not is_button and _defaults(window) != defaults:
            lost.append(now)
        if now is start or now is before:
            break
    return came


def _is_told_only(widget):
    """A list to be read, where nothing can be chosen."""
    return widget.focusPolicy() == Qt.FocusPolicy.NoFocus and (
        isinstance(widget, QAbstractItemView)
        and widget.selectionMode() == QAbstractItemView.SelectionMode.NoSelection
    )


def _was_reached(widget, came):
    if widget in came or widget.focusProxy() in came:
        return True
    if any(one.parentWidget() is widget for one in came):  # the line within a box
        return True
    if isinstance(widget, QRadioButton):  # arrows go on from the one that is checked
        parent = widget.parentWidget()
        return any(
            isinstance(one, QRadioButton) and one.parentWidget() is parent
            for one in came
        )
    return False
