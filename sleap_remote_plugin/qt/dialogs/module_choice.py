"""*With* in the submit dialog: which SLEAP of the cluster does the work.

What fits is decided in jobs/version_match.py; here it is shown and can be changed.
"""

from __future__ import annotations

from typing import Any, Iterable, Optional, Sequence, Set, Tuple

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.errors import ModuleMissing
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.version_match import (
    best_module,
    described,
    difference_sentence,
    how_to_match,
)
from sleap_remote_plugin.qt.dialogs.fold import fold_button, show_fold
from sleap_remote_plugin.qt.dialogs.lines import sentence
from sleap_remote_plugin.qt.states import SIGNS, is_dark
from sleap_remote_plugin.words import tr

_DOES = tr("The SLEAP on the cluster that does the work.")


class ModuleChoice(QWidget):
    """A list of modules, *Refresh* beside it, and a note below where versions differ.

    Parameters
    ----------
    generation : Generation
        What the work needs.
    own : str
        Version of the SLEAP that is here; empty: not known.

    Attributes
    ----------
    problem : str
        Why nothing can be sent; empty: something can.
    """

    changed = Signal()
    refresh_wanted = Signal()
    folded = Signal()  # what can be done is shown, or hidden

    def __init__(
        self, generation: Generation, own: str = "", parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.generation = generation
        self.own = own
        self.problem = ""
        self._modules: Tuple[SleapModule, ...] = ()
        self._told: Optional[Set[str]] = None
        self._shown: Set[str] = set()
        self._is_chosen = self._is_suggested = self._filling = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._line())
        self.note = QLabel()
        self.note.setObjectName("remote_version_note")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.note.hide()
        layout.addWidget(self.note)
        self.how_button = fold_button(tr("What can be done"), "remote_module_how")
        self.how_button.toggled.connect(self._on_fold)
        layout.addWidget(self.how_button)
        self.how = sentence(name="remote_module_advice")
        layout.addWidget(self.how)
        self._advise("")

    def _line(self) -> QHBoxLayout:
        self.combo = QComboBox()
        self.combo.setObjectName("remote_module")
        self.combo.setAccessibleName(tr("SLEAP module"))
        self.combo.setToolTip(_DOES)
        self.combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.combo.setMinimumContentsLength(24)
        self.combo.currentIndexChanged.connect(self._on_chosen)
        self.refresh = QToolButton()
        self.refresh.setObjectName("remote_module_refresh")
        self.refresh.setText(tr("Refresh"))
        self.refresh.setToolTip(
            tr("Read the modules and their versions from the cluster again.")
        )
        self.refresh.clicked.connect(self._on_refresh)
        line = QHBoxLayout()
        line.addWidget(self.combo, 1)
        line.addWidget(self.refresh)
        return line

    # -- what is offered --------------------------------------------------------------

    def offer(self, modules: Sequence[SleapModule]) -> None:
        """Show those that fit or whose version nobody knows; broken ones greyed out."""
        self.refresh.setEnabled(True)
        shown = [m for m in modules if m.generation in (self.generation, None)]
        if not shown:
            return
        self._modules = tuple(shown)
        self._fill(self.module().name if self.combo.count() else "")

    def suggest(self, module: SleapModule) -> None:
        """Choose the module that fits best, unless the user chose one."""
        self.problem = ""
        self._is_suggested = True
        others = tuple(m for m in self._modules if m.name != module.name)
        if module not in self._modules:
            self._modules = others + (module,)
        kept = self.module().name if self._is_chosen else ""
        self._fill(kept or module.name)

    def tell_problem(self, error: BaseException) -> None:
        """The cluster has no module that fits, in words."""
        self.refresh.setEnabled(True)
        if isinstance(error, ModuleMissing):
            self.problem = str(error)
            self._advise(error.detail)
            if not self._modules:
                self._say_none()

    def module(self) -> SleapModule:
        """The one that is chosen; nameless where there is none."""
        name = self.combo.currentData()
        for module in self._modules:
            if module.name == name:
                return module
        return SleapModule("")

    @property
    def is_empty(self) -> bool:
        return not any(module.is_usable for module in self._modules)

    def _fill(self, wanted: str) -> None:
        self._filling = True
        usable = [m for m in self._modules if m.is_usable]
        best = best_module(usable, self.generation, self.own)
        if wanted not in [m.name for m in usable]:
            wanted = (best or usable[-1]).name if usable else ""
        self.combo.clear()
        for place, module in enumerate(self._modules):
            self.combo.addItem(described(module, self.own), module.name)
            tip = described(module, self.own)
            self.combo.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
            if not module.is_usable:
                self.combo.model().item(place).setEnabled(False)
        self.combo.setCurrentIndex(self.combo.findData(wanted) if wanted else -1)
        self._filling = False
        self._show_note()

    def _say_none(self) -> None:
        self._filling = True
        self.combo.clear()
        self.combo.addItem(tr("none that fits"))
        self.combo.model().item(0).setEnabled(False)
        self._filling = False

    # -- versions that differ ---------------------------------------------------------

    def leave_out(self, told: Iterable[str]) -> None:
        """Versions of the cluster whose difference the user has been told of."""
        self._told = {str(one) for one in told}
        self._show_note()

    @property
    def told_here(self) -> Tuple[str, ...]:
        """Versions whose difference was shown in this dialog."""
        return tuple(sorted(self._shown))

    def _show_note(self) -> None:
        module = self.module()
        shown = described(module, self.own) + ". " if module.name else ""
        self.combo.setToolTip(shown + _DOES)
        text = difference_sentence(self.own, module)
        # The first choice is the profile's; the cluster may have a better one.
        is_settled = self._is_suggested or self._is_chosen
        if self._told is None or module.sleap in self._told or not is_settled:
            text = ""
        if text:
            self._shown.add(module.sleap)
        colour = SIGNS["warn"][1][is_dark(self.palette())]
        self.note.setStyleSheet("color: {}".format(colour))
        self.note.setText(text)
        self.note.setVisible(bool(text))
        if not self.problem:
            self._advise(how_to_match(module.sleap) if text else "")

    # -- what can be done -------------------------------------------------------------

    def _advise(self, text: str) -> None:
        """More than a sentence: it is unfolded by whom it concerns."""
        self.how.setText(text)
        self.how_button.setVisible(bool(text))
        self._on_fold()

    def _on_fold(self, *_args: Any) -> None:
        shown = self.how_button.isChecked() and bool(self.how.text())
        show_fold(self.how_button, shown)
        self.how.setVisible(shown)
        self.folded.emit()

    # -- reactions --------------------------------------------------------------------

    def _on_chosen(self, *_args: Any) -> None:
        if not self._filling:
            self._is_chosen = True
            self._show_note()
            self.changed.emit()

    def _on_refresh(self, *_args: Any) -> None:
        self.refresh.setEnabled(False)
        self.refresh_wanted.emit()
