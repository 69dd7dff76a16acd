"""The submit dialog: what will run, with which SLEAP, where, and what it asks for.

It opens with what is known at once; the cluster's own choices come when they come. The
fields are resource_fields.py's and advanced.py's; here they are judged together.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.cluster import ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.problem import Problem
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.jobs.site import Site
from sleap_remote_plugin.qt.dialogs.advanced import AdvancedOptions
from sleap_remote_plugin.qt.dialogs.buttons import make_default
from sleap_remote_plugin.qt.dialogs.explained import plain_tip
from sleap_remote_plugin.qt.dialogs.field_help import explain_field
from sleap_remote_plugin.qt.dialogs.field_row import line_up
from sleap_remote_plugin.qt.dialogs.fitting_scroll import FittingScroll
from sleap_remote_plugin.qt.dialogs.help_line import HelpLine
from sleap_remote_plugin.qt.dialogs.judging import Judgement, module_problems, notes_on
from sleap_remote_plugin.qt.dialogs.lines import Verdict
from sleap_remote_plugin.qt.dialogs.module_choice import ModuleChoice
from sleap_remote_plugin.qt.dialogs.package_settings import PackageSettings
from sleap_remote_plugin.qt.dialogs.resource_fields import ResourceFields
from sleap_remote_plugin.qt.dialogs.said_lines import Outlook
from sleap_remote_plugin.qt.dialogs.script_view import ScriptView
from sleap_remote_plugin.qt.dialogs.then_predict import ThenRow
from sleap_remote_plugin.qt.dialogs.what_to_run import WhatToRun
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.states import SIGNS, is_dark
from sleap_remote_plugin.qt.texts import breakable
from sleap_remote_plugin.words import tr

__all__ = ["SubmitDialog", "WhatToRun"]

_SAVES = tr(
    "Leave the files and the batch script in the job's folder, to submit them "
    "yourself. Nothing is sent."
)
#: The dialog's result where its files are to be saved.
SAVED = 2


class SubmitDialog(QDialog):
    """One small page; accepted means: submit it."""

    script_wanted = Signal()
    save_wanted = Signal()
    request_changed = Signal()  # what the job asks for, or would

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
        self.with_module = ModuleChoice(generation, version)
        self._base = profile.default_resources(kind, generation)
        self._touched = self._filling = False
        self.setObjectName("remote_submit_dialog")
        self.setWindowTitle(tr("Run on ") + profile.title)
        self.setMinimumWidth(440)
        self.fields = fields = ResourceFields(profile, self)
        self.partition, self.gpus = fields.partition, fields.gpus
        self.gpu_type, self.cpus = fields.gpu_type, fields.cpus
        self.memory, self.time = fields.memory, fields.time
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._form())
        has_tasks = len(what.parts) > 1 and kind is JobKind.PREDICT
        self.advanced = AdvancedOptions(has_tasks, profile.rules)
        self.advanced.changed.connect(self._on_changed)
        self.advanced.folded.connect(self._on_folded)
        column.addWidget(self.advanced)
        self.view = ScriptView()
        self.view.wanted.connect(self._on_script_wanted)
        self.view.folded.connect(self._on_folded)
        self.show_button, self.script = self.view.button, self.view.script
        column.addWidget(self.view, 1)
        layout = QVBoxLayout(self)
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self._fit)
        self.scroll = FittingScroll(page, 72 * self.fontMetrics().averageCharWidth())
        layout.addWidget(self.scroll, 1)
        self.verdict = Verdict("remote_submit_problem")
        self.problem = self.verdict.label
        layout.addWidget(self.verdict)
        self.help = HelpLine()
        self.help.changed.connect(self._fit)
        layout.addWidget(self.help)
        layout.addLayout(self._buttons())
        self.judgement = Judgement(
            self.rows, self.advanced, self.with_module.combo, self.verdict, self.then
        )
        make_default(self.submit)
        self.offer_modules(profile.modules)
        self._fill(self._base)

    # -- parts ------------------------------------------------------------------------

    def _form(self) -> QFormLayout:
        self.form = form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        word = tr("Train") if self.kind is JobKind.TRAIN else tr("Predict")
        title = ElidedLabel(self.what.title)
        title.setObjectName("remote_what")
        form.addRow(word, title)
        form.addRow("", ElidedLabel(self.what.detail))
        for text in self.what.warnings:
            label = _warning(tr("Note"))
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            form.addRow(label, _warning(text))
        self.package = PackageSettings(self.what.settings, self.what.rotations)
        if self.what.settings:
            label = QLabel(tr("Settings"))
            label.setAlignment(Qt.AlignmentFlag.AlignTop)  # beside the first line
            form.addRow(label, self.package)
        self.job_name = QLineEdit(self.what.name)
        self.job_name.setObjectName("remote_job_name")
        self.job_name.setCursorPosition(0)
        explain_field(self.job_name, "name", tr("Name"))
        form.addRow(tr("&Name"), self.job_name)
        self.with_module.setFocusProxy(self.with_module.combo)
        explain_field(self.with_module.combo, "module", tr("SLEAP module"))
        form.addRow(tr("&With"), self.with_module)
        self._add_resources(form)
        self.then: Optional[ThenRow] = None
        if self.what.then is not None:
            asked = self.profile.default_resources(JobKind.PREDICT, self.generation)
            self.then = ThenRow(self.what.then, asked, self.profile)
            self.then.changed.connect(self._on_then_changed)
            self.then.folded.connect(self._on_folded)
            form.addRow(tr("Then"), self.then)
        self.with_module.changed.connect(self._on_changed)
        self.with_module.folded.connect(self._on_folded)
        self.job_name.textChanged.connect(self._on_changed)
        return form

    def _add_resources(self, form: QFormLayout) -> None:
        self.rows = self.fields.add_to(form)
        line_up(tuple(self.rows.values()))
        self.fields.changed.connect(self._on_changed)
        self.outlook = outlook = Outlook(self.fields, form)
        outlook.less_taken.connect(self._on_changed)
        outlook.said.connect(self._fit)
        self.last_time, self.start = outlook.last_time, outlook.start
        self.tell_last_time = outlook.tell_last_time
        self.tell_start = outlook.tell_start

    def _buttons(self) -> QHBoxLayout:
        self.save = QPushButton(tr("Save as &files..."))
        self.save.setObjectName("remote_save_files")
        self.save.setAutoDefault(False)
        self.save.clicked.connect(self._on_save)
        buttons = QDialogButtonBox()
        self.submit = QPushButton(tr("&Submit"))
        self.submit.setObjectName("remote_submit")
        cancel = QPushButton(tr("Cancel"))
        cancel.setObjectName("remote_submit_cancel")
        cancel.setAutoDefault(False)
        buttons.addButton(self.submit, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        line = QHBoxLayout()
        line.addWidget(self.help.button)
        line.addWidget(self.save)
        line.addStretch(1)
        line.addWidget(buttons)
        return line

    # -- choices, when they come ------------------------------------------------------

    def suggest_resources(self, resources: Resources) -> None:
        """Fill in what the user asked for last, unless a field was changed here."""
        if not self._touched:
            self._base = resources
            self._fill(resources)

    def offer_site(self, site: Site) -> None:
        """What the cluster has, and when it said so."""
        self.fields.offer(site.partitions, site.asked)
        if self.then is not None:
            self.then.offer(site.partitions, site.asked)
        self.advanced.offer_accounts(site.accounts)
        self._judge()

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

    def unfold_advanced(self, wanted: Any) -> None:
        """As it was when the dialog was open last."""
        if wanted is True:
            self.advanced.button.setChecked(True)

    def show_script(self, text: str) -> None:
        self.view.show_text(text)

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
        return self.fields.asked_for(self.advanced.asked(self._base))

    def _fill(self, resources: Resources) -> None:
        self._filling = True
        self.fields.fill(resources)
        self.advanced.fill(resources)
        self._filling = False
        self._judge()

    # -- what is wrong with it --------------------------------------------------------

    def found_problems(self) -> Tuple[str, ...]:
        """Sentences on what cannot be submitted as it stands."""
        return tuple(one.text for one in self._problems())

    def _problems(self) -> Tuple[Problem, ...]:
        found = module_problems(self.with_module, self.generation)
        found += self.fields.problems(self.advanced.asked(self._base))
        if self.then is not None:
            found += self.then.found_problems()
        return tuple(found)

    def _judge(self) -> None:
        if not hasattr(self, "judgement"):
            return
        found = self._problems()
        notes = notes_on(self.fields, self.profile, self.generation)
        self.judgement.show(found, notes)
        if self.then is not None:
            self.then.judge(notes_on(self.then.fields, self.profile, self.generation))
        self.submit.setEnabled(not found)
        self.save.setEnabled(not found)
        reason = plain_tip("\n".join(one.text for one in found))
        self.submit.setToolTip(reason)
        self.save.setToolTip(reason or _SAVES)
        self.outlook.refresh()

    # -- reactions --------------------------------------------------------------------

    def _on_changed(self, *_args: Any) -> None:
        if self._filling:
            return
        self._touched = True
        self._judge()
        self.request_changed.emit()
        self._on_script_wanted()

    def _on_then_changed(self) -> None:
        self._judge()
        self._on_script_wanted()

    def _on_script_wanted(self) -> None:
        if not self.view.is_shown:
            return
        if self.submit.isEnabled():
            self.view.wait()
            self.script_wanted.emit()
        else:
            self.view.say_why_not(tr("# There is no script while something is wrong."))

    def _on_save(self, *_args: Any) -> None:
        self.save_wanted.emit()

    def _on_folded(self) -> None:
        self._judge()
        self._fitting.start()  # once the layouts know of it

    def _fit(self) -> None:
        """Make room for sentences that came after the dialog had its size."""
        self.scroll.fit(self)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._fit()
        self._fitting.start()  # its lines are wrapped for its width by then

    def keyPressEvent(self, event: Any) -> None:
        """Return submits what can be submitted, and else leads to what is wrong."""
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and not self.submit.isEnabled():
            self.judgement.go_to_first()
            event.accept()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: Any) -> None:
        """A click on the grey *Submit* leads to what is wrong, too."""
        at = self.submit.mapFrom(self, event.pos())
        if not self.submit.isEnabled() and self.submit.rect().contains(at):
            self.judgement.go_to_first()
        super().mousePressEvent(event)


def _warning(text: str) -> QLabel:
    label = QLabel(breakable(text))
    label.setWordWrap(True)
    label.setStyleSheet("color: {}".format(SIGNS["warn"][1][is_dark(label.palette())]))
    return label
