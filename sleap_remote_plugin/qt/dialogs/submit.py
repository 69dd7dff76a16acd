"""The submit dialog: what will run, with which SLEAP, where, and what it asks for.

It opens with what is known at once; the cluster's own choices come when they come.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Optional, Sequence, Tuple

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QFontDatabase
from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.cluster import ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
    problems,
    read_memory,
    read_time,
    write_memory,
    write_time,
)
from sleap_remote_plugin.qt.dialogs.advanced import (
    AdvancedOptions,
    fold_button,
    show_fold,
)
from sleap_remote_plugin.qt.dialogs.module_choice import ModuleChoice
from sleap_remote_plugin.qt.dialogs.package_settings import PackageSettings
from sleap_remote_plugin.qt.dialogs.then_predict import ThenPredict, ThenRow
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.states import SIGNS, is_dark

ANY_GPU = "any"


@dataclasses.dataclass(frozen=True)
class WhatToRun:
    """What the job does, in words.

    Attributes
    ----------
    title, detail : str
        Two lines: the models or videos; the labels or models they come from.
    name : str
        Suggested name of the job.
    parts : tuple of str
        Models to train, or videos.
    warnings : tuple of str
        Sentences on what is known to fail.
    settings, rotations
        As `TrainingPlan` has them.
    then : ThenPredict or None
        What may follow a training; None: nothing is offered.
    """

    title: str
    detail: str
    name: str
    parts: Tuple[str, ...] = ()
    warnings: Tuple[str, ...] = ()
    settings: Tuple[str, ...] = ()
    rotations: Tuple[Tuple[str, str], ...] = ()
    then: Optional[ThenPredict] = None


class SubmitDialog(QDialog):
    """One small page; accepted means: submit it."""

    script_wanted = Signal()

    def __init__(
        self,
        profile: ClusterProfile,
        what: WhatToRun,
        kind: JobKind,
        generation: Generation,
        parent: Optional[QWidget] = None,
        version: str = "",
    ) -> None:
        super().__init__(parent)
        self.profile = profile
        self.what = what
        self.kind = kind
        self.generation = generation
        self._partitions: Tuple[Partition, ...] = profile.limits
        self.with_module = ModuleChoice(generation, version)
        self._base = profile.default_resources(kind, generation)
        self._touched = False
        self._filling = False
        self.setObjectName("remote_submit_dialog")
        self.setWindowTitle("Run on " + profile.title)
        self.setMinimumWidth(440)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form())
        self.advanced = AdvancedOptions(len(what.parts) > 1 and kind is JobKind.PREDICT)
        self.advanced.changed.connect(self._on_changed)
        layout.addWidget(self.advanced)
        self.problem = QLabel()
        self.problem.setObjectName("remote_submit_problem")
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        layout.addWidget(self.problem)
        layout.addLayout(self._script_part(), 1)
        layout.addWidget(self._buttons())
        self.offer_modules(profile.modules)
        self._fill(self._base)
        self._judge()

    # -- parts ------------------------------------------------------------------------

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        word = "Train" if self.kind is JobKind.TRAIN else "Predict"
        title = ElidedLabel(self.what.title)
        title.setObjectName("remote_what")
        form.addRow(word, title)
        form.addRow("", ElidedLabel(self.what.detail))
        for sentence in self.what.warnings:
            form.addRow(_warning("Note"), _warning(sentence))
        self.package = PackageSettings(self.what.settings, self.what.rotations)
        if self.what.settings:
            form.addRow("Package", self.package)
        self.job_name = QLineEdit(self.what.name)
        self.job_name.setObjectName("remote_job_name")
        self.job_name.setToolTip("How you find the job in the list; any words.")
        form.addRow("Name", self.job_name)
        form.addRow("With", self.with_module)
        self._add_resources(form)
        self.then: Optional[ThenRow] = None
        if self.what.then is not None:
            asked = self.profile.default_resources(JobKind.PREDICT, self.generation)
            self.then = ThenRow(self.what.then, asked)
            self.then.changed.connect(self._judge)
            form.addRow("Then", self.then)
        self.with_module.changed.connect(self._on_changed)
        for combo in (self.partition, self.gpu_type):
            combo.currentTextChanged.connect(self._on_changed)
        for box in (self.gpus, self.cpus):
            box.valueChanged.connect(self._on_changed)
        for line in (self.memory, self.time, self.job_name):
            line.textChanged.connect(self._on_changed)
        return form

    def _add_resources(self, form: QFormLayout) -> None:
        self.partition = _combo(
            "remote_partition", "The group of nodes in whose queue the job waits."
        )
        self.gpus = QSpinBox()
        self.gpus.setObjectName("remote_gpus")
        self.gpus.setRange(0, 64)
        self.gpus.setToolTip("How many graphics cards; SLEAP uses one.")
        self.gpu_type = _combo(
            "remote_gpu_type", "A card of this type only; any starts soonest."
        )
        form.addRow("On", _row(("partition", self.partition)))
        form.addRow("GPUs", _row(("", self.gpus), ("type", self.gpu_type)))
        self.cpus = QSpinBox()
        self.cpus.setObjectName("remote_cpus")
        self.cpus.setRange(1, 4096)
        self.cpus.setToolTip("Processor cores, which load and prepare the images.")
        self.memory = QLineEdit()
        self.memory.setObjectName("remote_memory")
        self.memory.setToolTip("Main memory: a number and a unit, such as 32G.")
        self.time = QLineEdit()
        self.time.setObjectName("remote_time")
        self.time.setToolTip(
            "The job is ended after this time: hours:minutes:seconds, or days-hours. "
            "A shorter time often starts sooner."
        )
        form.addRow("CPUs", _row(("", self.cpus), ("memory", self.memory)))
        form.addRow("Time", self.time)

    def _script_part(self) -> QVBoxLayout:
        layout = QVBoxLayout()
        self.show_button = fold_button("Show script", "remote_show_script")
        self.show_button.toggled.connect(self._on_show_script)
        self.script = QPlainTextEdit()
        self.script.setObjectName("remote_script")
        self.script.setReadOnly(True)
        self.script.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.script.setFont(
            QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        )
        self.script.setMinimumHeight(220)
        self.script.hide()
        layout.addWidget(self.show_button)
        layout.addWidget(self.script, 1)
        return layout

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        self.submit = QPushButton("Submit")
        self.submit.setObjectName("remote_submit")
        cancel = QPushButton("Cancel")
        cancel.setObjectName("remote_submit_cancel")
        cancel.setAutoDefault(False)
        buttons.addButton(self.submit, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.submit.setDefault(True)
        return buttons

    # -- choices, when they come ------------------------------------------------------

    def suggest_resources(self, resources: Resources) -> None:
        """Fill in what the user asked for last, unless a field was changed here."""
        if not self._touched:
            self._base = resources
            self._fill(resources)

    def offer_partitions(self, partitions: Sequence[Partition]) -> None:
        if partitions:
            self._partitions = tuple(partitions)
            self._fill(self._asked_or(self._base))

    def offer_modules(self, modules: Sequence[SleapModule]) -> None:
        """Those that fit this generation, or whose version nobody knows."""
        self.with_module.offer(modules)
        self._judge()

    def suggest_module(self, module: SleapModule) -> None:
        """Choose the module that fits this SLEAP best, unless the user chose one."""
        self.with_module.suggest(module)
        self._judge()

    def tell_module_problem(self, error: BaseException) -> None:
        """The cluster has no module that fits, in words."""
        self.with_module.tell_problem(error)
        self._judge()

    def leave_out_differences(self, told: Sequence[str]) -> None:
        """Versions whose difference to this SLEAP's the user knows of."""
        self.with_module.leave_out(told)
        self._judge()

    def show_script(self, text: str) -> None:
        self.script.setPlainText(text)

    # -- what is asked for ------------------------------------------------------------

    def name(self) -> str:
        return self.job_name.text().strip() or self.what.name

    def module(self) -> SleapModule:
        return self.with_module.module()

    def resources(self) -> Resources:
        """What the fields ask for.

        Raises
        ------
        ValueError
            Memory or time cannot be read; the message says what can.
        """
        gpu_type = self.gpu_type.currentText()
        return dataclasses.replace(
            self.advanced.asked(self._base),
            partition=self.partition.currentText().strip(),
            gpus=self.gpus.value(),
            gpu_type="" if gpu_type == ANY_GPU else gpu_type.strip(),
            cpus=self.cpus.value(),
            memory=read_memory(self.memory.text()),
            time=read_time(self.time.text()),
        )

    def _asked_or(self, other: Resources) -> Resources:
        try:
            return self.resources()
        except ValueError:
            return other

    def _fill(self, resources: Resources) -> None:
        self._filling = True
        names = [partition.name for partition in self._partitions]
        _offer(self.partition, names, resources.partition)
        self._offer_gpu_types(resources.gpu_type)
        self.gpus.setValue(resources.gpus)
        self.cpus.setValue(resources.cpus)
        if self._value(self.memory, read_memory) != resources.memory:
            self.memory.setText(write_memory(resources.memory))
        if self._value(self.time, read_time) != resources.time:
            self.time.setText(write_time(resources.time))
        self.advanced.fill(resources)
        self._filling = False
        self._judge()

    @staticmethod
    def _value(line: QLineEdit, read: Any) -> Optional[int]:
        try:
            return read(line.text())
        except ValueError:
            return None

    def _offer_gpu_types(self, chosen: str) -> None:
        types = [ANY_GPU]
        for partition in self._partitions:
            if partition.name == self.partition.currentText():
                types += [name for name in partition.gpu_types if name]
        _offer(self.gpu_type, types, chosen or ANY_GPU)

    # -- reactions --------------------------------------------------------------------

    def _on_changed(self, *_args: Any) -> None:
        if self._filling:
            return
        self._touched = True
        sender = self.sender()
        if sender is self.partition:
            self._filling = True
            kept = self.gpu_type.currentText()
            self._offer_gpu_types("" if kept == ANY_GPU else kept)
            self._filling = False
        self._judge()
        if self.show_button.isChecked() and self.submit.isEnabled():
            self.script_wanted.emit()

    def found_problems(self) -> Tuple[str, ...]:
        """Sentences on what cannot be submitted as it stands."""
        found = []
        if self.with_module.problem:
            found.append(self.with_module.problem)
        elif self.with_module.is_empty:
            found.append(
                "The profile names no module of {}. The cluster's own list comes once "
                "you are signed in.".format(self.generation.title)
            )
        try:
            found += problems(self.resources(), self._partitions)
            found += self.then.found_problems(self._partitions) if self.then else ()
        except ValueError as error:
            text = str(error)
            found.append(text[:1].upper() + text[1:] + ".")
        return tuple(found)

    def advice(self) -> Tuple[str, ...]:
        """What the profile advises against, which does not stop a submit."""
        chosen = self.gpu_type.currentText()
        return tuple(
            "{}: {}".format(advice.gpu_type, advice.why)
            for advice in self.profile.gpu_advice
            if advice.gpu_type == chosen
            and advice.generation in (None, self.generation)
        )

    def _judge(self) -> None:
        if not hasattr(self, "submit"):
            return
        found = self.found_problems()
        colour = SIGNS["fail" if found else "warn"][1][is_dark(self.palette())]
        text = "\n".join(found or self.advice())
        self.problem.setStyleSheet("color: {}".format(colour))
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.submit.setEnabled(not found)
        self._grow()

    def _grow(self) -> None:
        """Make room for sentences that came after the dialog had its size."""
        layout = self.layout()
        layout.activate()
        wanted = layout.totalHeightForWidth(self.width())
        if self.isVisible() and wanted > self.height():
            self.resize(self.width(), wanted)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._grow()

    def _on_show_script(self, shown: bool) -> None:
        show_fold(self.show_button, shown)
        self.script.setVisible(shown)
        if shown:
            self.advanced.button.setChecked(False)  # both need too high a screen
        if shown and self.submit.isEnabled():
            self.script.setPlainText("# One moment...")
            self.script_wanted.emit()
        if not shown:
            self.adjustSize()


def _combo(name: str, tip: str) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setEditable(True)
    combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    combo.setToolTip(tip)
    return combo


def _offer(combo: QComboBox, names: Sequence[str], chosen: str) -> None:
    """Fill a combo; what is chosen stays, even where it is not on offer."""
    if [combo.itemText(i) for i in range(combo.count())] != list(names):
        combo.clear()
        combo.addItems(list(names))
    combo.setCurrentText(chosen)


def _row(*parts: Tuple[str, QWidget]) -> QHBoxLayout:
    line = QHBoxLayout()
    for text, widget in parts:
        if text:
            label = QLabel(text)
            label.setBuddy(widget)
            line.addWidget(label)
        line.addWidget(widget, 1)
    return line


def _warning(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setStyleSheet("color: {}".format(SIGNS["warn"][1][is_dark(label.palette())]))
    return label
