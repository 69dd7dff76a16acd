"""*Advanced* in the submit dialog: the less usual options of sbatch, folded away."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, List, Optional, Sequence, Tuple

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.field_rules import FieldRule, rule_of
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.jobs.site import Association
from sleap_remote_plugin.qt.dialogs.choice_combo import ChoiceCombo
from sleap_remote_plugin.qt.dialogs.field_help import explain_field
from sleap_remote_plugin.qt.dialogs.field_row import FieldRow, add_row
from sleap_remote_plugin.qt.dialogs.fold import fold_button, show_fold
from sleap_remote_plugin.words import tr

#: Resources' field, label, an example
LINES = (
    ("account", tr("Account"), tr("your usual one")),
    ("qos", "QoS", tr("the usual one")),
    ("constraint", tr("Constraint"), tr("any node")),
    ("exclude", tr("Exclude nodes"), tr("none")),
    ("begin", tr("Begin"), tr("as soon as there is room")),
    ("dependency", tr("After jobs"), tr("none: afterok:4711")),
    ("mail", "E-mail", tr("none")),
)
AT_ONCE = tr("the usual number")
_COMBOS = ("account", "qos")


class AdvancedOptions(QWidget):
    """A line that unfolds into a form; unfolded at once where something is set.

    Parameters
    ----------
    has_tasks : bool
        Whether the job has several array tasks (videos).
    rules : sequence of FieldRule
        The profile's.

    Attributes
    ----------
    rows : dict
        Field -> FieldRow.
    """

    changed = Signal()
    folded = Signal()

    def __init__(
        self,
        has_tasks: bool,
        rules: Sequence[FieldRule] = (),
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self._rules = tuple(rules)
        self._accounts: Tuple[Association, ...] = ()
        self.rows: Dict[str, FieldRow] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.button = fold_button(tr("&Advanced"), "remote_advanced")
        self.button.setToolTip(
            tr("Account, QoS, nodes, when to begin, e-mail, and more.")
        )
        self.button.toggled.connect(self._on_toggled)
        self.page = QWidget()
        form = QFormLayout(self.page)
        form.setContentsMargins(12, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.lines: Dict[str, QLineEdit] = {}
        self.combos: Dict[str, ChoiceCombo] = {}
        for name, label, example in LINES:
            self._add_line(form, name, label, example)
        self.at_once = QSpinBox()
        self.at_once.setRange(0, 999)
        self.at_once.setSpecialValueText(AT_ONCE)
        self.at_once.valueChanged.connect(self._on_changed)
        if has_tasks:
            self._add(form, "at_once", tr("Videos at once"), self.at_once)
        self.extra = QPlainTextEdit()
        self.extra.setPlaceholderText("--nice=100")
        self.extra.setTabChangesFocus(True)
        self.extra.setMaximumHeight(2 * self.extra.fontMetrics().height() + 12)
        self.extra.textChanged.connect(self._on_changed)
        self._add(form, "extra", tr("Other options"), self.extra)
        self.page.hide()
        layout.addWidget(self.button)
        layout.addWidget(self.page)

    def _add_line(self, form: QFormLayout, name: str, label: str, example: str) -> None:
        widget: Any = QLineEdit()
        line: Any = widget
        if name in _COMBOS:
            widget = ChoiceCombo("remote_" + name)
            line = widget.lineEdit()
            self.combos[name] = widget
        line.setPlaceholderText(example)
        self._add(form, name, label, widget)
        explain_field(line, name, label, self._rules)
        line.textChanged.connect(self._on_changed)
        self.lines[name] = line

    def _add(self, form: QFormLayout, name: str, label: str, widget: QWidget) -> None:
        widget.setObjectName("remote_" + name)
        row = FieldRow(((name, "", widget),), self._rules)
        add_row(form, label, row)
        explain_field(widget, name, label, self._rules)
        self.rows[name] = row

    def offer_accounts(self, accounts: Sequence[Association]) -> None:
        """What the cluster's accounts let this user ask for."""
        self._accounts = tuple(accounts)
        names = {one.account: one.partition for one in accounts}
        details = [
            (name, tr("partition {} only").format(partition) if partition else "")
            for name, partition in names.items()
        ]
        qos = dict.fromkeys(name for one in accounts for name in one.qos)
        usual = {one.default_qos for one in accounts}
        self._offer("account", [("", tr("your usual one"))] + details)
        described = [
            (name, tr("the usual one") if name in usual else "") for name in qos
        ]
        self._offer("qos", [("", tr("the usual one"))] + described)

    def _offer(self, name: str, choices: List[Tuple[str, str]]) -> None:
        if len(choices) > 1:
            combo = self.combos[name]
            blocked = combo.lineEdit().blockSignals(True)
            combo.offer(choices, combo.currentText())
            combo.lineEdit().blockSignals(blocked)

    def fill(self, resources: Resources) -> None:
        """Show what was asked for before."""
        for name, line in self.lines.items():
            value = getattr(resources, name)
            if line.text() != value:
                line.setText(value)
        self.at_once.setValue(resources.at_once)
        if self.extra.toPlainText() != resources.extra:
            self.extra.setPlainText(resources.extra)
        if any(self._is_set_here(name, resources) for name in self.rows):
            self.button.setChecked(True)

    def _is_set_here(self, name: str, resources: Resources) -> bool:
        """Whether a field that can be changed is other than usual."""
        rule = rule_of(self._rules, name)
        if rule.hidden or rule.fixed is not None:
            return False
        return bool(getattr(resources, name) != getattr(Resources(), name))

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
        self.folded.emit()
