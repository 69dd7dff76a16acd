"""*Advanced* in the submit dialog: the less usual options of sbatch, folded away."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.jobs.sbatch_options import HELP

#: Resources' field, label, an example
LINES = (
    ("account", "Account", "your usual one"),
    ("qos", "QoS", "the usual one"),
    ("constraint", "Constraint", "any node"),
    ("exclude", "Exclude nodes", "none"),
    ("begin", "Begin", "as soon as there is room"),
    ("dependency", "After jobs", "none: afterok:4711"),
    ("mail", "E-mail", "none"),
)
AT_ONCE = "the usual number"


class AdvancedOptions(QWidget):
    """A line that unfolds into a form; unfolded at once where something is set.

    Parameters
    ----------
    has_tasks : bool
        Whether the job has several array tasks (videos).
    """

    changed = Signal()

    def __init__(self, has_tasks: bool, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.button = fold_button("Advanced", "remote_advanced")
        self.button.toggled.connect(self._on_toggled)
        self.page = QWidget()
        form = QFormLayout(self.page)
        form.setContentsMargins(12, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.lines: Dict[str, QLineEdit] = {}
        for name, label, example in LINES:
            line = QLineEdit()
            line.setObjectName("remote_" + name)
            line.setPlaceholderText(example)
            line.textChanged.connect(self._on_changed)
            self._add(form, name, label, line)
            self.lines[name] = line
        self.at_once = QSpinBox()
        self.at_once.setRange(0, 999)
        self.at_once.setSpecialValueText(AT_ONCE)
        self.at_once.valueChanged.connect(self._on_changed)
        if has_tasks:
            self._add(form, "at_once", "Videos at once", self.at_once)
        self.extra = QPlainTextEdit()
        self.extra.setPlaceholderText("--nice=100")
        self.extra.setTabChangesFocus(True)
        self.extra.setMaximumHeight(2 * self.extra.fontMetrics().height() + 12)
        self.extra.textChanged.connect(self._on_changed)
        self._add(form, "extra", "Other options", self.extra)
        self.page.hide()
        layout.addWidget(self.button)
        layout.addWidget(self.page)

    @staticmethod
    def _add(form: QFormLayout, name: str, label: str, widget: QWidget) -> None:
        widget.setObjectName("remote_" + name)
        widget.setToolTip(HELP[name])
        widget.setWhatsThis(HELP[name])
        form.addRow(label, widget)

    def fill(self, resources: Resources) -> None:
        """Show what was asked for before."""
        for name, line in self.lines.items():
            value = getattr(resources, name)
            if line.text() != value:
                line.setText(value)
        self.at_once.setValue(resources.at_once)
        if self.extra.toPlainText() != resources.extra:
            self.extra.setPlainText(resources.extra)
        if self.asked(Resources()) != Resources():
            self.button.setChecked(True)

    def asked(self, base: Resources) -> Resources:
        """`base` with what the fields say."""
        values: Dict[str, Any] = {
            name: line.text().strip() for name, line in self.lines.items()
        }
        return dataclasses.replace(
            base,
            at_once=self.at_once.value(),
            extra=self.extra.toPlainText().strip(),
            **values,
        )

    def _on_changed(self, *_args: Any) -> None:
        self.changed.emit()

    def _on_toggled(self, shown: bool) -> None:
        show_fold(self.button, shown)
        self.page.setVisible(shown)
        if not shown and self.window() is not self:
            self.window().adjustSize()


def fold_button(text: str, name: str) -> QToolButton:
    """A button that unfolds what is below it."""
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setCheckable(True)
    button.setAutoRaise(True)
    button.setArrowType(Qt.ArrowType.RightArrow)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def show_fold(button: QToolButton, shown: bool) -> None:
    """Turn its arrow."""
    button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
