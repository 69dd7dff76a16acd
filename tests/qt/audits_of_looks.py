"""Audits of what is seen: words that are cut, sizes, direction, colours.

What can be acted on, and how, is in ``audits.py``.
"""

from __future__ import annotations

import re

from qtpy.QtCore import QPoint, QRect, QSize, Qt
from qtpy.QtGui import QColor, QFontInfo, QPalette
from qtpy.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QGroupBox,
    QHeaderView,
    QLabel,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollBar,
    QTextBrowser,
    QToolButton,
    QWidget,
)

from sleap_remote_plugin.qt.elided import ElidedLabel
from tests.qt.audits import (
    called,
    controls,
    copied,
    entries,
    followed,
    keyboard,
    names,
    tooltips,
)

#: A screen of 1280x720 without its panel and the window's title bar; who has larger
#: fonts has a larger screen.
SCREEN = QSize(1280, 660)
DOCK = 360
LEAST_CONTRAST = 4.5


# -- text that is cut -----------------------------------------------------------------


def cut_text(window, _look):
    """All words are seen, or a tooltip has them."""
    for label in window.findChildren(QLabel):
        if label.isVisible() and label.text() and not isinstance(label, ElidedLabel):
            yield from _cut_label(label)
    for widget in controls(window):
        if isinstance(widget, (QPushButton, QToolButton, QCheckBox, QRadioButton)):
            wanted = _least(widget)
            if widget.width() < wanted.width() and not widget.toolTip():
                yield "{}: {} wide, its text needs {}".format(
                    called(widget), widget.width(), wanted.width()
                )
            if widget.height() < wanted.height():
                yield "{}: {} high, its text needs {}".format(
                    called(widget), widget.height(), wanted.height()
                )
        elif isinstance(widget, QComboBox) and not widget.toolTip():
            wanted = widget.fontMetrics().horizontalAdvance(widget.currentText())
            if widget.width() - 24 < wanted:
                yield "{}: {} does not fit".format(called(widget), widget.currentText())
    for group in window.findChildren(QGroupBox):
        if group.isVisible():
            wanted = group.fontMetrics().horizontalAdvance(group.title())
            if group.width() < wanted and not group.toolTip():
                yield "{}: its title does not fit".format(group.title())


def _least(button):
    """Room for the words alone; the style's hint has margins that may be given up."""
    text = button.fontMetrics().size(int(Qt.TextFlag.TextShowMnemonic), button.text())
    hint = button.sizeHint()
    if isinstance(button, (QCheckBox, QRadioButton)):
        return QSize(hint.width() - 2, min(hint.height(), text.height()))
    return QSize(text.width() + 4, text.height())


def _cut_label(label):
    inside = label.contentsRect()
    if label.wordWrap():
        wanted = label.heightForWidth(label.width())
        if label.height() < wanted:
            yield "{}: {} high, its lines need {}".format(
                called(label), label.height(), wanted
            )
        longest = label.minimumSizeHint().width()
        if label.width() < longest and not label.toolTip():
            yield "{}: {} wide, its longest word needs {}".format(
                called(label), label.width(), longest
            )
        return
    wanted = label.sizeHint()
    if label.width() < wanted.width() and not label.toolTip():
        yield "{}: {} wide, its text needs {}".format(
            called(label), label.width(), wanted.width()
        )
    if inside.height() < label.fontMetrics().height():
        yield "{}: {} high, its font needs {}".format(
            called(label), inside.height(), label.fontMetrics().height()
        )


# -- size -----------------------------------------------------------------------------


def size(window, look):
    """A dialog fits on a small screen, all else into a dock 360 pixels wide.

    The dock does with larger fonts, too: beside it is SLEAP's video.
    """
    least, now = window.minimumSizeHint(), window.frameGeometry().size()
    if window.layout() is not None:
        least = least.expandedTo(window.layout().totalMinimumSize())
    least = least.expandedTo(window.minimumSize())
    screen = SCREEN * look.font
    if isinstance(window, QDialog):
        for words, wanted in (("it opens", now), ("it needs", least)):
            if wanted != wanted.boundedTo(screen):
                yield "{} {}x{}".format(words, wanted.width(), wanted.height())
    elif window.width() <= DOCK * look.font and least.width() > DOCK:
        yield "it needs {} pixels of width".format(least.width())


# -- fonts ----------------------------------------------------------------------------


def fonts(window, look):
    """What is written in a font of one width is as large as the rest."""
    for widget in window.findChildren(QWidget):
        wanted = QApplication.font().pointSizeF()
        font = widget.font()
        is_fixed = QFontInfo(font).fixedPitch()
        if widget.isVisible() and is_fixed and font.pointSizeF() < wanted:
            yield "{}: {} points".format(called(widget), font.pointSizeF())


# -- right to left --------------------------------------------------------------------


def mirrored(window, look):
    """What stands beside each other stands the other way round, right to left."""
    given = Qt.WidgetAttribute.WA_SetLayoutDirection
    if window.property("one_direction"):
        return  # a state that shows it, whatever the program's is
    wanted = Qt.LayoutDirection(int(look.is_right_to_left))
    logs = [
        one for one in window.findChildren(QPlainTextEdit) if one.testAttribute(given)
    ]
    of_a_log = [part for log in logs for part in [log] + log.findChildren(QWidget)]
    for widget in [window] + window.findChildren(QWidget):
        if widget in of_a_log:
            continue  # a program's output reads from the left in every language
        if widget.isVisible() and widget.layoutDirection() != wanted:
            yield "{}: keeps its own direction".format(called(widget))
    for layout in window.findChildren(QBoxLayout):
        if layout.direction() != QBoxLayout.Direction.LeftToRight:
            continue
        lefts = [rect.x() for rect in _shown(layout)]
        if lefts != sorted(lefts, reverse=look.is_right_to_left):
            yield "{}: not in the order of reading".format(layout.parent())
    for form in window.findChildren(QFormLayout):
        if not form.parentWidget().isVisible():
            continue
        for row in range(form.rowCount()):
            places = [
                form.itemAt(row, role)
                for role in (QFormLayout.ItemRole.LabelRole, form.ItemRole.FieldRole)
            ]
            if None in places or any(one.isEmpty() for one in places):
                continue
            label, field = [one.geometry() for one in places]
            if label.top() == field.top() or label.intersects(
                QRect(label.x(), field.y(), label.width(), field.height())
            ):
                is_left = label.center().x() < field.center().x()
                if is_left == look.is_right_to_left:
                    yield "row {} of a form is not mirrored".format(row)


def _shown(layout):
    for index in range(layout.count()):
        item = layout.itemAt(index)
        if item.widget() is not None and item.widget().isVisible():
            yield item.geometry()


# -- colours --------------------------------------------------------------------------


def contrast(window, _look):
    """Words stand out from what they are written on, in each of their colours."""
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.isEnabled() or not label.text():
            continue
        palette = label.palette()
        paper = _paper(label)
        inks = [palette.color(label.foregroundRole())]
        inks += [QColor(one) for one in re.findall(r"#[0-9a-fA-F]{6}", label.text())]
        for ink in inks:
            if ratio(ink, paper) < LEAST_CONTRAST:
                yield "{}: {} on {} is {:.1f}".format(
                    called(label), ink.name(), paper.name(), ratio(ink, paper)
                )
    for view in window.findChildren(QAbstractItemView):
        if view.isVisible():
            yield from _contrast_of_cells(view)
    for text in window.findChildren(QTextBrowser):
        paper = text.palette().color(QPalette.ColorRole.Base)
        for ink in sorted(set(_inks(text.document()))):
            if ratio(QColor(ink), paper) < LEAST_CONTRAST:
                yield "{}: {} on {}".format(called(text), ink, paper.name())


def _inks(document):
    """The colours of a text that are not its widget's own."""
    block = document.begin()
    while block.isValid():
        part = block.begin()
        while not part.atEnd():
            brush = part.fragment().charFormat().foreground()
            if brush.style() != Qt.BrushStyle.NoBrush:
                yield brush.color().name()
            part += 1
        block = block.next()


def _contrast_of_cells(view):
    model, role = view.model(), QPalette.ColorRole
    # A list's model keeps its one column to itself in PySide6.
    columns = 1 if isinstance(view, QListView) else model.columnCount()
    papers = [view.palette().color(role.Base)]
    if view.alternatingRowColors():
        papers.append(view.palette().color(role.AlternateBase))
    for row in range(min(model.rowCount(), 50)):
        for column in range(columns):
            ink = model.index(row, column).data(Qt.ItemDataRole.ForegroundRole)
            ink = getattr(ink, "color", lambda ink=ink: ink)()
            if ink is None or not isinstance(ink, QColor):
                continue
            for paper in papers:
                if ratio(ink, paper) < LEAST_CONTRAST:
                    yield "{}, row {}: {} on {} is {:.1f}".format(
                        called(view), row, ink.name(), paper.name(), ratio(ink, paper)
                    )


def _paper(widget):
    """The colour behind a widget: its own, or that of the first parent with one."""
    while widget is not None:
        if widget.autoFillBackground() or widget.isWindow():
            return widget.palette().color(widget.backgroundRole())
        view = widget.viewport() if isinstance(widget, QAbstractScrollArea) else None
        if view is not None and view.autoFillBackground():
            return widget.palette().color(view.backgroundRole())
        widget = widget.parentWidget()
    return QApplication.palette().color(QPalette.ColorRole.Window)


def ratio(one, other):
    """Contrast as WCAG 2 defines it, from 1 to 21."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour):
    parts = []
    for value in (colour.redF(), colour.greenF(), colour.blueF()):
        parts.append(
            value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        )
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def dark(window, look):
    """In a dark palette nothing is painted on a light ground."""
    if not look.is_dark:
        return
    picture = window.grab().toImage()
    scale = picture.devicePixelRatio()
    for widget in [window] + window.findChildren(QWidget):
        if not widget.isVisible() or widget.width() * widget.height() < 400:
            continue
        is_icon = isinstance(widget, QLabel) and not widget.text()
        if is_icon or isinstance(widget, (QScrollBar, QHeaderView)):
            continue
        corner = widget.mapTo(window, QPoint(0, 0))
        area = QRect(corner * scale, widget.size() * scale)
        part = picture.copy(area.intersected(picture.rect()))
        if part.isNull():
            continue
        mode = Qt.AspectRatioMode.IgnoreAspectRatio
        smooth = Qt.TransformationMode.SmoothTransformation
        mean = QColor(part.scaled(QSize(1, 1), mode, smooth).pixel(0, 0))
        if mean.lightness() > 140:
            yield "{}: light, {}".format(called(widget), mean.name())


#: name -> audit
ALL = {
    "names": names,
    "tooltips": tooltips,
    "entries": entries,
    "copied": copied,
    "fonts": fonts,
    "followed": followed,
    "keyboard": keyboard,
    "cut_text": cut_text,
    "size": size,
    "mirrored": mirrored,
    "contrast": contrast,
    "dark": dark,
}
