"""A row of the submit dialog: fields beside each other, and what is wrong below them.

A field that the profile fixes is shown as text; one that it hides is not shown.
"""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from qtpy.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.field_rules import NAMES, FieldRule, in_words, rule_of
from sleap_remote_plugin.qt.dialogs.field_help import explain_field
from sleap_remote_plugin.qt.dialogs.lines import Verdict

#: What the names of fields begin with.
PREFIX = "remote_"


class FieldRow(QWidget):
    """Fields of `Resources` in a line.

    Parameters
    ----------
    parts : sequence of (str, str, QWidget)
        Field, label before it (empty: the form's own label is its), widget.
    """

    def __init__(
        self,
        parts: Sequence[Tuple[str, str, QWidget]],
        rules: Sequence[FieldRule],
        parent: Optional[QWidget] = None,
        prefix: str = PREFIX,
    ) -> None:
        super().__init__(parent)
        self._prefix = prefix
        self.fields: Dict[str, QWidget] = {}
        self.notes: Dict[str, Verdict] = {}
        self.labels: List[QLabel] = []
        self._shown: List[QWidget] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(6)
        layout.addLayout(line)
        for field, text, widget in parts:
            self._add(line, field, text, widget, rules)
            note = Verdict("{}{}_problem".format(prefix, field))
            self.notes[field] = note
            layout.addWidget(note)
        if self.fields:
            self.setFocusProxy(next(iter(self.fields.values())))

    @property
    def is_seen(self) -> bool:
        """Whether the profile lets anything of it be seen."""
        return any(not widget.isHidden() for widget in self._shown)

    def _add(
        self,
        line: QHBoxLayout,
        field: str,
        text: str,
        widget: QWidget,
        rules: Sequence[FieldRule],
    ) -> None:
        rule = rule_of(rules, field)
        name = text.replace("&", "") or NAMES[field]
        explain_field(widget, field, name, rules)
        shown = widget
        if rule.fixed is not None or rule.hidden:
            widget.hide()
            widget.setEnabled(False)
            line.addWidget(widget)
            value = "" if rule.fixed is None else in_words(field, rule.fixed)
            shown = QLabel(value or "\u2013")
            shown.setObjectName("{}{}_fixed".format(self._prefix, field))
            explain_field(shown, field, name, rules)
        else:
            self.fields[field] = widget
        if text and not rule.hidden:
            label = QLabel(text)
            label.setBuddy(shown)
            line.addWidget(label)
            self.labels.append(label)
        policy = shown.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        shown.setSizePolicy(policy)  # fields of a line are equally wide
        line.addWidget(shown, 1)
        shown.setVisible(not rule.hidden)
        self._shown.append(shown)

    def say(self, field: str, sign: str, text: str) -> None:
        """What is wrong with a field (or should be known of it); empty: nothing."""
        self.notes[field].say(sign, text)


def line_up(rows: Sequence[FieldRow]) -> None:
    """Have what stands beside each other in several rows stand below each other."""
    labels = [label for row in dict.fromkeys(rows) for label in row.labels]
    width = max((label.sizeHint().width() for label in labels), default=0)
    for label in labels:
        label.setMinimumWidth(width)


def add_row(form: QFormLayout, label: str, row: FieldRow) -> None:
    """Put a row into a form, unless the profile hides all of it."""
    if row.is_seen:
        form.addRow(label, row)
