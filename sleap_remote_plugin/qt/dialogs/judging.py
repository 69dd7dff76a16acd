"""What is wrong in the submit dialog, said beside its field; the first one found again.

What is wrong with a field that cannot be seen is said below, above the buttons.
"""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.misread import notes_on_measures
from sleap_remote_plugin.jobs.problem import Problem
from sleap_remote_plugin.qt.dialogs.advanced import AdvancedOptions
from sleap_remote_plugin.qt.dialogs.field_row import FieldRow
from sleap_remote_plugin.qt.dialogs.lines import Verdict
from sleap_remote_plugin.qt.dialogs.module_choice import ModuleChoice
from sleap_remote_plugin.qt.dialogs.resource_fields import ResourceFields
from sleap_remote_plugin.qt.dialogs.then_predict import ThenRow
from sleap_remote_plugin.words import tr


def module_problems(choice: ModuleChoice, generation: Generation) -> List[Problem]:
    """Why no module can be used; none where one can."""
    text = choice.problem
    if not text and choice.is_empty:
        text = tr(
            "The profile names no module of {}. The cluster's own list comes once "
            "you are signed in."
        ).format(generation.title)
    return [Problem("module", text)] if text else []


def notes_on(
    fields: ResourceFields, profile: ClusterProfile, generation: Generation
) -> List[Problem]:
    """What should be known and does not stop a submit."""
    chosen = fields.gpu_type.currentText()
    found = [
        Problem("gpu_type", "{}: {}".format(advice.gpu_type, advice.why))
        for advice in profile.gpu_advice
        if advice.gpu_type == chosen and advice.generation in (None, generation)
    ]
    partition = fields.chosen_partition()
    if partition is not None and not partition.is_up:
        text = tr("Partition {} takes no jobs just now: the job would wait.")
        found.append(Problem("partition", text.format(partition.name)))
    typed = notes_on_measures(fields.memory.text(), fields.time.text())
    return found + [one for one in typed if fields.can_change(one.field)]


class Judgement:
    """Shows problems beside the dialog's rows.

    Parameters
    ----------
    rows : dict
        Field -> FieldRow of the resources; those of *Advanced* are its own.
    module : QWidget
        What has the focus where no module fits.
    below : Verdict
        For what cannot be said beside a field.
    then : ThenRow, optional
        Says itself what is wrong with the prediction, while its fields can be seen.
    """

    def __init__(
        self,
        rows: Dict[str, FieldRow],
        advanced: AdvancedOptions,
        module: QWidget,
        below: Verdict,
        then: Optional[ThenRow] = None,
    ) -> None:
        self._then = then
        self._rows = {**rows, **advanced.rows}
        self._advanced = advanced
        self._module = module
        self._below = below
        self.found: Tuple[Problem, ...] = ()

    def show(self, found: Sequence[Problem], notes: Sequence[Problem]) -> None:
        """Say all of it; of one field the first problem."""
        self.found = tuple(found)
        said = {one.field: ("warn", one.text) for one in reversed(notes)}
        said.update({one.field: ("fail", one.text) for one in reversed(found)})
        for field, row in self._rows.items():
            row.say(field, *said.get(field, ("", "")))
        left = [one.text for one in found if not self._is_beside(one.field)]
        self._below.say("fail", "\n".join(left))

    def _is_beside(self, field: str) -> bool:
        if self._then is not None and self._then.has(field):
            return self._then.is_beside(field)
        row = self._rows.get(field)
        if row is None or field not in row.fields:
            return False
        return field not in self._advanced.rows or self._advanced.button.isChecked()

    def go_to_first(self) -> None:
        """Give the focus to the first field that is wrong."""
        for problem in self.found:
            if self._then is not None and self._then.has(problem.field):
                self._then.go_to(problem.field)
                return
            row = self._rows.get(problem.field)
            if problem.field in self._advanced.rows:
                self._advanced.button.setChecked(True)
            if problem.field == "module":
                self._module.setFocus(Qt.FocusReason.OtherFocusReason)
                return
            if row is not None and problem.field in row.fields:
                row.fields[problem.field].setFocus(Qt.FocusReason.OtherFocusReason)
                return
