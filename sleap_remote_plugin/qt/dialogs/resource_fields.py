"""The resources in the submit dialog: partition, GPUs, CPUs, memory, time."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFormLayout, QLineEdit, QSpinBox

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.field_rules import rule_of
from sleap_remote_plugin.jobs.limits import field_problems
from sleap_remote_plugin.jobs.problem import Problem
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
    read_memory,
    read_time,
    write_memory,
    write_time,
)
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.dialogs.choice_combo import ChoiceCombo
from sleap_remote_plugin.qt.dialogs.field_row import PREFIX, FieldRow, add_row
from sleap_remote_plugin.words import counted, tr

ANY_GPU = tr("any")
#: Seconds for which what the cluster said counts as now.
_NOW = 120.0


class ResourceFields(QObject):
    """Rows of a form; what they ask for, and what is wrong with it.

    Parameters
    ----------
    prefix : str
        What the widgets' names begin with: one window may have such fields twice.
        Only the first ones are reached with Alt and a letter.
    """

    changed = Signal()

    def __init__(
        self,
        profile: ClusterProfile,
        parent: Optional[QObject] = None,
        prefix: str = PREFIX,
    ) -> None:
        super().__init__(parent)
        self._prefix = prefix
        self.rules = profile.rules
        self.partitions: Tuple[Partition, ...] = profile.limits
        self.asked = 0.0
        self._filling = False
        self.partition = ChoiceCombo(prefix + "partition")
        self.gpus = _number(prefix + "gpus", 0, 64)
        self.gpu_type = ChoiceCombo(prefix + "gpu_type")
        self.cpus = _number(prefix + "cpus", 1, 4096)
        self.memory, self.time = QLineEdit(), QLineEdit()
        self.memory.setObjectName(prefix + "memory")
        self.time.setObjectName(prefix + "time")
        for combo in (self.partition, self.gpu_type):
            combo.currentTextChanged.connect(self._on_changed)
        for box in (self.gpus, self.cpus):
            box.valueChanged.connect(self._on_changed)
        for line in (self.memory, self.time):
            line.textChanged.connect(self._on_changed)

    def add_to(self, form: QFormLayout) -> Dict[str, FieldRow]:
        """Put the rows into a form; by field."""
        found: Dict[str, FieldRow] = {}
        for label, parts in (
            (tr("&Partition"), (("partition", "", self.partition),)),
            (
                tr("&GPUs"),
                (("gpus", "", self.gpus), ("gpu_type", tr("T&ype"), self.gpu_type)),
            ),
            (
                tr("&CPUs"),
                (("cpus", "", self.cpus), ("memory", tr("&Memory"), self.memory)),
            ),
            (tr("&Time"), (("time", "", self.time),)),
        ):
            row = FieldRow(
                [(field, self._keyed(text), widget) for field, text, widget in parts],
                self.rules,
                prefix=self._prefix,
            )
            add_row(form, self._keyed(label), row)
            found.update({part[0]: row for part in parts})
        return found

    def _keyed(self, label: str) -> str:
        return label if self._prefix == PREFIX else label.replace("&", "")

    def can_change(self, field: str) -> bool:
        """Whether the profile lets the user change this field."""
        rule = rule_of(self.rules, field)
        return rule.fixed is None and not rule.hidden

    # -- choices ----------------------------------------------------------------------

    def offer(self, partitions: Sequence[Partition], asked: float = 0.0) -> None:
        """What the cluster has, and when it said so (seconds since the epoch; 0: the
        profile says so).
        """
        if not partitions:
            return
        self.partitions, self.asked = tuple(partitions), asked
        self._quietly(self._offer)

    @property
    def is_now(self) -> bool:
        return 0 <= time.time() - self.asked < _NOW

    def chosen_partition(self) -> Optional[Partition]:
        for partition in self.partitions:
            if partition.name == self.partition.currentText().strip():
                return partition
        return None

    def free_in_words(self) -> str:
        """How many cards are free of the type that is chosen; empty: not known."""
        partition = self.chosen_partition()
        if partition is None or not self.gpus.value() or not self.asked:
            return ""
        kind = self._gpu_type()
        free = partition.free_gpus(kind)
        if free is None:
            return ""
        total = sum(g.total for g in partition.gpus if not kind or g.gpu_type == kind)
        words = tr("{} of {} {} {} free").format(
            free or tr("None"),
            total,
            kind or tr("GPU"),
            tr("card") if total == 1 else tr("cards"),
        )
        return "{} {}.".format(words, self._when())

    def _when(self) -> str:
        return tr("now") if self.is_now else tr("as of ") + texts.clock(self.asked)

    def _offer(self) -> None:
        chosen, kind = self.partition.currentText(), self.gpu_type.currentText()
        names = [(one.name, self._described(one)) for one in self.partitions]
        self.partition.offer(names, chosen)
        self._offer_gpu_types("" if kind == ANY_GPU else kind)

    def _described(self, partition: Partition) -> str:
        parts: List[str] = []
        if not partition.is_up:
            parts.append(tr("takes no jobs just now"))
        if partition.time_limit:
            parts.append(tr("up to ") + write_time(partition.time_limit))
        if partition.nodes:
            parts.append(counted(partition.nodes, "node"))
        free = partition.free_gpus()
        if free is not None and self.asked:
            total = sum(one.total for one in partition.gpus)
            parts.append(tr("{} of {} GPUs free {}").format(free, total, self._when()))
        elif not partition.gpu_types:
            parts.append(tr("no GPUs"))
        return ", ".join(parts)

    def _offer_gpu_types(self, chosen: str) -> None:
        types = [(ANY_GPU, "")]
        partition = self.chosen_partition()
        for kind in partition.gpu_types if partition is not None else ():
            if kind:
                types.append((kind, self._free(partition, kind)))
        self.gpu_type.offer(types, chosen or ANY_GPU)

    def _free(self, partition: Optional[Partition], kind: str) -> str:
        free = partition.free_gpus(kind) if partition is not None else None
        if free is None or not self.asked:
            return ""
        return tr("{} free {}").format(free or tr("none"), self._when())

    # -- values -----------------------------------------------------------------------

    def fill(self, resources: Resources) -> None:
        """Show what is suggested."""
        self._quietly(lambda: self._fill(resources))

    def _fill(self, resources: Resources) -> None:
        self.partition.setCurrentText(resources.partition)
        self.gpu_type.setCurrentText(resources.gpu_type or ANY_GPU)
        self._offer()
        self.gpus.setValue(resources.gpus)
        self.cpus.setValue(resources.cpus)
        if _value(self.memory, read_memory) != resources.memory:
            self.memory.setText(write_memory(resources.memory))
        if _value(self.time, read_time) != resources.time:
            self.time.setText(write_time(resources.time))
        self._allow_type()

    def asked_for(self, base: Resources) -> Resources:
        """`base` with what the fields say.

        Raises
        ------
        ValueError
            Memory or time cannot be read; the message says what can.
        """
        return dataclasses.replace(
            self.asked_for_as_far(base),
            memory=read_memory(self.memory.text()),
            time=read_time(self.time.text()),
        )

    def asked_for_as_far(self, base: Resources) -> Resources:
        """The same; where memory or time cannot be read, `base` has them."""
        memory = _value(self.memory, read_memory)
        limit = _value(self.time, read_time)
        return dataclasses.replace(
            base,
            partition=self.partition.currentText().strip(),
            gpus=self.gpus.value(),
            gpu_type=self._gpu_type(),
            cpus=self.cpus.value(),
            memory=base.memory if memory is None else memory,
            time=base.time if limit is None else limit,
        )

    def unreadable(self) -> List[Problem]:
        """What memory and time should look like, where they do not."""
        found = []
        for field, line, read in (
            ("memory", self.memory, read_memory),
            ("time", self.time, read_time),
        ):
            try:
                read(line.text())
            except ValueError as error:
                text = str(error)
                found.append(Problem(field, text[:1].upper() + text[1:] + "."))
        return found

    def problems(self, base: Resources) -> List[Problem]:
        """What is wrong with what is asked for; `base` as in `asked_for`."""
        found = self.unreadable()
        known = {one.field for one in found}
        wanted = self.asked_for_as_far(base)
        others = field_problems(wanted, self.partitions, self.rules)
        return found + [one for one in others if one.field not in known]

    def _gpu_type(self) -> str:
        kind = self.gpu_type.currentText().strip()
        return "" if kind == ANY_GPU else kind

    # -- reactions --------------------------------------------------------------------

    def _quietly(self, change: Callable[[], None]) -> None:
        before, self._filling = self._filling, True
        try:
            change()
        finally:
            self._filling = before

    def _on_changed(self, *_args: Any) -> None:
        if self._filling:
            return
        if self.sender() is self.partition:
            self._quietly(self._offer)
        self._allow_type()
        self.changed.emit()

    def _allow_type(self) -> None:
        fixed = rule_of(self.rules, "gpu_type").fixed is not None
        self.gpu_type.setEnabled(bool(self.gpus.value()) and not fixed)


def _number(name: str, low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setObjectName(name)
    box.setRange(low, high)
    return box


def _value(line: QLineEdit, read: Callable[[str], int]) -> Optional[int]:
    try:
        return read(line.text())
    except ValueError:
        return None
