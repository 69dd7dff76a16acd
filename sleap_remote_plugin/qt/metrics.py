"""How good the models of a training are, and whether better than the round before.

A change is told by an arrow and a word as well as by colour. SLEAP's own window shows
more of each model.
"""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.metrics import HeadMetrics, RunMetrics
from sleap_remote_plugin.jobs.untrusted import shown
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.states import SIGNS, is_dark
from sleap_remote_plugin.words import tr

#: Attribute of RunMetrics, title, what it is, digits, whether less is better.
COLUMNS = (
    ("oks_map", tr(
        "OKS mAP"
    ), tr("Mean average precision, 0 to 1. More is better."), 3, False),
    ("p50", "p50 (px)", tr("Half of the points lie nearer to the label than this many "
     "pixels. Less is better."), 2, True),
    ("p90", "p90 (px)", tr(
        "Nine tenths of the points lie nearer to the label than this many pixels. Less "
        "is better."
    ), 2, True),
)  # fmt: skip

NO_OKS = tr("A centroid model has no OKS mAP: it has one point.")
FOUND = tr("{:.0%} found")
LEGACY_CENTROID = tr(
    "SLEAP 1.3 and 1.4 measure a centroid model with the labelled poses, so its "
    "numbers say little."
)


def change(
    now: Optional[float], before: Optional[float], digits: int, less_is_better: bool
) -> Tuple[str, str]:
    """The difference in words, and the sign (of `states.SIGNS`) for its colour.

    Examples
    --------
    >>> change(1.25, 2.0, 2, True)
    ('▼ 0.75 better', 'ok')
    >>> change(0.5, 0.5, 3, False)
    ('= same', 'off')
    """
    if now is None or before is None:
        return "", "off"
    difference = round(now, digits) - round(before, digits)
    if abs(difference) < 0.5 * 10**-digits:
        return "= same", "off"
    better = (difference < 0) == less_is_better
    return (
        "{} {:.{}f} {}".format(
            "▲" if difference > 0 else "▼",
            abs(difference),
            digits,
            tr("better") if better else tr("worse"),
        ),
        "ok" if better else "warn",
    )


class MetricsTable(QWidget):
    """One row for each model; narrow enough for the dock."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_metrics")
        self.setAccessibleName(tr("Metrics of the models"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 2)
        layout.setSpacing(2)
        self._grid_place = QWidget()
        layout.addWidget(self._grid_place)
        self.footer = QLabel()
        self.footer.setObjectName("remote_metrics_footer")
        self.footer.setWordWrap(True)
        self.footer.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(self.footer)
        self._shown: Tuple[Any, ...] = ()
        self.hide()

    def show_metrics(
        self, metrics: Sequence[HeadMetrics], generation: str = ""
    ) -> None:
        """Show them; none hides the table."""
        wanted = (tuple(metrics), generation)
        self.setVisible(bool(metrics))
        if wanted != self._shown:
            self._shown = wanted
            self._fill()

    def changeEvent(self, event: Any) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._shown:
            self._fill()

    # -- parts ------------------------------------------------------------------------

    def _fill(self) -> None:
        metrics, generation = self._shown
        old = self._grid_place
        self._grid_place = QWidget()
        grid = QGridLayout(self._grid_place)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        for column, (_, title, tip, _, _) in enumerate(COLUMNS, 1):
            head = _label(title, tip)
            grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignRight)
        for number, one in enumerate(metrics):
            self._add_row(grid, 1 + 2 * number, one)
        self.layout().replaceWidget(old, self._grid_place)
        old.setParent(None)
        old.deleteLater()
        self.footer.setText(texts.breakable(footer(metrics, generation)))
        self.footer.setVisible(bool(self.footer.text()))

    def _add_row(self, grid: QGridLayout, row: int, one: HeadMetrics) -> None:
        name = _label(shown(one.head).replace("_", " "))
        name.setWordWrap(True)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(name, row, 0, 2, 1, top)
        if one.fault:
            fault = _label(texts.breakable(one.fault))
            fault.setWordWrap(True)
            grid.addWidget(fault, row, 1, 2, len(COLUMNS))
            return
        before = one.before or RunMetrics()
        for column, (field, title, tip, digits, less) in enumerate(COLUMNS, 1):
            now, then = getattr(one.now, field), getattr(before, field)
            text, tip = value_text(one, field, digits, tip)
            value = _label(text, tip, one.head, title)
            font = value.font()
            font.setBold(now is not None)
            value.setFont(font)
            grid.addWidget(value, row, column, Qt.AlignmentFlag.AlignRight)
            words, sign = change(now, then, digits, less)
            if words:
                was = tr("It was {:.{}f} in {}.").format(
                    then, digits, shown(one.before_name)
                )
                difference = _label(words, was, one.head, title + tr(" change"))
                font = difference.font()
                font.setPointSizeF(0.88 * max(font.pointSizeF(), 8.0))
                difference.setFont(font)
                difference.setStyleSheet(
                    "color: {}".format(SIGNS[sign][1][is_dark(self.palette())])
                )
                grid.addWidget(difference, row + 1, column, Qt.AlignmentFlag.AlignRight)


def value_text(one: HeadMetrics, field: str, digits: int, tip: str) -> Tuple[str, str]:
    """A cell's text and its tooltip."""
    now = getattr(one.now, field)
    if now is not None:
        return "{:.{}f}".format(now, digits), tip
    if field == "oks_map" and one.now.recall is not None:
        return FOUND.format(one.now.recall), NO_OKS
    return "–", tr("SLEAP did not tell.")


def footer(metrics: Sequence[HeadMetrics], generation: str) -> str:
    """What the differences are to, and what must be known of the numbers."""
    names: List[str] = []
    for one in metrics:
        if one.before_name and shown(one.before_name) not in names:
            names.append(shown(one.before_name))
    lines = [tr("Compared with {}.").format(tr(" and ").join(names))] if names else []
    is_legacy = generation == Generation.LEGACY.value
    if is_legacy and any(o.head == "centroid" and not o.fault for o in metrics):
        lines.append(LEGACY_CENTROID)
    return " ".join(lines)


def _label(text: str, tip: str = "", head: str = "", title: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setToolTip(tip)
    if title:
        label.setAccessibleName("{} {}: {}".format(shown(head), title, text))
    return label
