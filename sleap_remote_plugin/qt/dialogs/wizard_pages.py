"""The pages of the set-up: what each asks and shows. What they lead to is elsewhere."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.cluster import ClusterProfile, is_user_name
from sleap_remote_plugin.qt.dialogs.explained import explain
from sleap_remote_plugin.qt.dialogs.lines import LinesView, Verdict, sentence
from sleap_remote_plugin.qt.fixed_font import fixed_font
from sleap_remote_plugin.session.mount_table import Candidate
from sleap_remote_plugin.session.setup import new_cluster
from sleap_remote_plugin.words import tr

ANOTHER = tr("Another cluster...")
WELCOME = tr(
    "Once for each cluster: who you are there, which disk it shares with this "
    "computer, which SLEAP it has. It takes less than a minute."
)


class ClusterPage(QWidget):
    """A known cluster, or the hosts of another one."""

    changed = Signal()

    def __init__(
        self,
        profiles: Sequence[ClusterProfile],
        profile: Optional[ClusterProfile],
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self._profiles = tuple(profiles)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(sentence(WELCOME))
        layout.addSpacing(6)
        self.clusters = QComboBox()
        self.clusters.setObjectName("remote_wizard_cluster")
        self.clusters.setAccessibleName(tr("Cluster"))
        explain(self.clusters, tr("One that is known here, or another one."))
        for one in self._profiles:
            self.clusters.addItem(one.title)
        self.clusters.addItem(ANOTHER)
        if profile in self._profiles:
            self.clusters.setCurrentIndex(self._profiles.index(profile))
        self.clusters.currentIndexChanged.connect(self._on_changed)
        layout.addWidget(self.clusters)
        self.route = sentence(name="remote_wizard_route")
        layout.addWidget(self.route)
        layout.addWidget(self._form())
        self.verdict = Verdict("remote_wizard_cluster_says")
        layout.addWidget(self.verdict)
        layout.addStretch(1)
        self._on_changed()

    def _form(self) -> QWidget:
        self.form = QWidget()
        form = QFormLayout(self.form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.title = _field(
            "remote_wizard_name",
            tr("what you call it, such as My lab"),
            tr("How windows and menus call the cluster."),
        )
        self.login = _field(
            "remote_wizard_login",
            tr("the host with sbatch, or its name in ~/.ssh/config"),
            tr("The host that SLURM's commands run on, as host or user@host:port."),
        )
        self.jump = _field(
            "remote_wizard_jump",
            tr("none, or as ~/.ssh/config says"),
            tr("Hosts that one has to sign in to first, in their order: a, b."),
        )
        for text, field in (
            (tr("Name"), self.title),
            (tr("Login host"), self.login),
            (tr("Hosts on the way"), self.jump),
        ):
            field.textChanged.connect(self._on_changed)
            form.addRow(text, field)
        return self.form

    def profile(self) -> ClusterProfile:
        """The chosen cluster. Raises ProfileError with a sentence on what is wrong."""
        index = self.clusters.currentIndex()
        if index < len(self._profiles):
            return self._profiles[index]
        taken = [one.name for one in self._profiles]
        return new_cluster(
            self.title.text(), self.login.text(), self.jump.text(), taken
        )

    def is_complete(self) -> bool:
        known = self.clusters.currentIndex() < len(self._profiles)
        return known or bool(self.login.text().strip())

    def _on_changed(self, *_args: Any) -> None:
        index = self.clusters.currentIndex()
        known = index < len(self._profiles)
        self.form.setVisible(not known)
        self.route.setVisible(known)
        if known:
            self.route.setText(route_text(self._profiles[index]))
        self.verdict.say("", "")
        self.changed.emit()


def route_text(profile: ClusterProfile) -> str:
    """Which hosts a cluster is reached by."""
    if profile.login is None:
        return tr("This computer has SLURM's commands itself.")
    way = ", then ".join(str(hop) for hop in profile.jump)
    return tr("Login host: {}{}").format(
        profile.login, tr(", reached through {}").format(way) if way else ""
    )


class UserPage(QWidget):
    """Who the user is there."""

    changed = Signal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.text = sentence()
        layout.addWidget(self.text)
        self.name = _field(
            "remote_wizard_user",
            tr("your user name there"),
            tr(
                "Who you are on the cluster. The password is asked for in the next "
                "step."
            ),
        )
        self.name.setAccessibleName(tr("User name"))
        self.name.textChanged.connect(self._on_changed)
        layout.addWidget(self.name)
        layout.addStretch(1)

    def ask(self, title: str, name: str) -> None:
        self.text.setText(
            tr(
                "The name that you sign in to {} with. It is often not the one that "
                "you have on this computer."
            ).format(title)
        )
        self.name.setText(name)
        self.name.selectAll()

    def user(self) -> str:
        return self.name.text().strip()

    def is_complete(self) -> bool:
        return is_user_name(self.user())

    def _on_changed(self, *_args: Any) -> None:
        self.changed.emit()


class ConnectPage(QWidget):
    """How far the connection is, hop by hop."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.verdict = Verdict("remote_wizard_connection")
        layout.addWidget(self.verdict)
        self.log = QPlainTextEdit()
        self.log.setObjectName("remote_wizard_log")
        self.log.setAccessibleName(tr("What happened"))
        self.log.setReadOnly(True)
        self.log.setFont(fixed_font())
        layout.addWidget(self.log, 1)

    def show_log(self, lines: List[str]) -> None:
        text = "\n".join(lines)
        if text != self.log.toPlainText():
            self.log.setPlainText(text)
            bar = self.log.verticalScrollBar()
            bar.setValue(bar.maximum())


class DisksPage(QWidget):
    """The disks that were found, and a folder that the user names instead."""

    given = Signal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.verdict = Verdict("remote_wizard_disks_say")
        layout.addWidget(self.verdict)
        self.found = LinesView("remote_wizard_disks")
        layout.addWidget(self.found, 1)
        layout.addWidget(sentence(tr("Another folder that both sides see:")))
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.local = _field(
            "remote_wizard_local",
            tr("a folder of yours on that disk"),
            tr(
                "A folder that you may write to, where the cluster's disk is mounted "
                "here."
            ),
        )
        self.local.setAccessibleName(tr("On this computer"))
        self.local.textChanged.connect(self._on_changed)
        self.browse = QPushButton(tr("Choose..."))
        self.browse.setObjectName("remote_wizard_browse")
        self.browse.setAutoDefault(False)
        explain(self.browse, tr("Choose the folder."))
        self.browse.clicked.connect(self._on_browse)
        here = QHBoxLayout()
        here.addWidget(self.local, 1)
        here.addWidget(self.browse)
        form.addRow(tr("On this computer"), here)
        self.cluster = _field(
            "remote_wizard_on_cluster",
            tr("empty: it is looked for"),
            tr("The same folder as the cluster's nodes call it."),
        )
        self.cluster.setAccessibleName(tr("On the cluster"))
        self.prove = QPushButton(tr("Prove"))
        self.prove.setObjectName("remote_wizard_prove")
        self.prove.setAutoDefault(False)
        explain(
            self.prove,
            tr(
                "Write a small file here and read it there, and the other way round. "
                "Both are removed."
            ),
        )
        self.prove.clicked.connect(self._on_prove)
        there = QHBoxLayout()
        there.addWidget(self.cluster, 1)
        there.addWidget(self.prove)
        form.addRow(tr("On the cluster"), there)
        layout.addLayout(form)
        self._on_changed()

    def candidate(self) -> Optional[Candidate]:
        """What the user named; None where nothing was."""
        local = self.local.text().strip()
        if not local:
            return None
        cluster = self.cluster.text().strip()
        return Candidate(local, folder=local, why="named", cluster=cluster)

    def _on_changed(self, *_args: Any) -> None:
        self.prove.setEnabled(bool(self.local.text().strip()))

    def _on_prove(self, *_args: Any) -> None:
        self.given.emit()

    def _on_browse(self, *_args: Any) -> None:
        dialog = QFileDialog(self, tr("A folder of yours on the cluster's disk"))
        dialog.setObjectName("remote_wizard_folder_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(self.local.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class LinesPage(QWidget):
    """A sentence, and lines of what was found."""

    def __init__(self, name: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.verdict = Verdict(name + "_says")
        layout.addWidget(self.verdict)
        self.found = LinesView(name)
        layout.addWidget(self.found, 1)


def _field(name: str, placeholder: str, does: str) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setPlaceholderText(placeholder)
    explain(field, does)
    return field
