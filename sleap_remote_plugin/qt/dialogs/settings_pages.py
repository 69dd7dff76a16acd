"""The settings' pages *Sign-in*, *Notices*, *Following* and *About*: what is on them.

*Clusters* is profiles_page.py's, *Disks* disks.py's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Tuple

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.cluster import data_folder
from sleap_remote_plugin.qt.dialogs.explained import button, explain, heading, line
from sleap_remote_plugin.qt.dialogs.lines import Verdict, sentence
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.session.pace import FASTEST
from sleap_remote_plugin.session.preferences import Pace, Preferences
from sleap_remote_plugin.words import tr

_WITHOUT_PASSWORD = tr("sign in without a password")

#: Kind of a notice, what its box says, what it is
_KINDS = (
    ("STARTED", tr("A job has started"), tr("SLURM gave it a node.")),
    (
        "FINISHED",
        tr("A job has finished"),
        tr("Everything that it should make is there."),
    ),
    ("FAILED", tr("A job has failed"), tr("Or timed out, or ran out of memory.")),
    (
        "NEEDS_YOU",
        tr("Something needs me"),
        tr(
            "A job is held, in doubt or cannot be found; or nobody can follow the jobs "
            "until you have signed in."
        ),
    ),
)

_PACES = (
    (Pace.USUAL, tr("As usual: every {:.0f} s at first, then less and less often")),
    (
        Pace.LESS_OFTEN,
        tr("Less often: every {:.0f} s at first, a third of the questions"),
    ),
)

RESET = tr(
    "Puts the settings back to as installed: which cluster is in use, user names, "
    "notices, following, what was asked for last. The question says exactly what."
)
BUNDLE = tr(
    "One zip for whoever helps you: log, settings, profiles, versions. Passwords, "
    "tokens and keys are left out; look into it before you send it."
)


def form_of(page: Optional[QWidget] = None) -> QFormLayout:
    """A form in which fields are as wide as the page; labels above in a narrow one."""
    form = QFormLayout(page) if page is not None else QFormLayout()
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    return form


class SignInPage(QWidget):
    """User, password and key of the cluster in use."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        page = QVBoxLayout(self)
        self.title = heading("")
        page.addWidget(self.title)
        form = form_of()
        page.addLayout(form)
        self.user = QLineEdit()
        self.user.setObjectName("remote_settings_user")
        self.user.setPlaceholderText(tr("your user name on the cluster"))
        explain(
            self.user, tr("Who you are on the cluster. Used from the next sign-in on.")
        )
        form.addRow(tr("User"), self.user)
        self.kept = ElidedLabel(tr("kept if you chose so"))
        self.kept.setObjectName("remote_kept_password")
        self.replace = button(
            tr("Replace..."),
            "remote_replace_password",
            tr("Sign out, and give another password or passphrase."),
        )
        self.forget = button(
            tr("Forget"),
            "remote_forget_password",
            tr(
                "Take passwords and passphrases for this cluster out of the keyring, "
                "and sign out."
            ),
        )
        form.addRow(tr("Password"), line(self.kept, self.replace, self.forget))
        self.key = ElidedLabel(_WITHOUT_PASSWORD)
        self.install = button(
            tr("Install a key..."),
            "remote_install_key",
            tr(
                "Put your public SSH key onto the cluster, so that no password is "
                "needed."
            ),
        )
        form.addRow(tr("Key"), line(self.key, self.install))
        # Below the form, which would give a sentence room for three lines.
        self._says = Verdict("remote_keyring_problem")
        self.keyring_problem = self._says.label
        page.addWidget(self._says)
        self.not_yet = sentence()
        page.addWidget(self.not_yet)
        page.addStretch(1)

    def name(self, title: str, is_in_use: bool) -> None:
        self.title.setText(title)
        self.not_yet.setText(
            ""
            if is_in_use
            else tr(
                "Password and key can be changed once this cluster is in use: press "
                "OK, and open the settings again."
            )
        )

    def show_kept(self, count: int, problem: str) -> None:
        kept = tr("in the system keyring") if count else tr("not in the system keyring")
        self.kept.setText(tr("in memory until SLEAP is closed") if problem else kept)
        self._says.say("warn", problem)
        self.key.setText(_WITHOUT_PASSWORD)


class NoticesPage(QWidget):
    """What the tray tells, and whether the dock's tab counts."""

    def __init__(self, liked: Preferences, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        self.all = _box(tr("Show notices in the system tray"), "remote_notifications")
        explain(
            self.all, tr("For all windows. The dock has a line for each in any case.")
        )
        self.all.setChecked(liked.notices)
        self.all.toggled.connect(self._on_all)
        layout.addWidget(self.all)
        self.group = QGroupBox(tr("Tell me when"))
        inner = QVBoxLayout(self.group)
        self.kinds: Dict[str, QCheckBox] = {}
        for kind, text, tip in _KINDS:
            box = _box(text, "remote_notice_" + kind.lower())
            explain(box, tip)
            box.setChecked(kind not in liked.muted)
            self.kinds[kind] = box
            inner.addWidget(box)
        layout.addWidget(self.group)
        self.badge = _box(tr("Count on the dock's tab"), "remote_badge")
        explain(
            self.badge,
            tr("Remote jobs (2): two jobs finished or failed since you last looked."),
        )
        self.badge.setChecked(liked.badge)
        layout.addWidget(self.badge)
        layout.addStretch(1)
        self._on_all()

    def muted(self) -> Tuple[str, ...]:
        """Kinds that are not told."""
        return tuple(kind for kind, box in self.kinds.items() if not box.isChecked())

    def _on_all(self, *_args: Any) -> None:
        self.group.setEnabled(self.all.isChecked())


class FollowingPage(QWidget):
    """How often the cluster is asked, and logs by themselves."""

    def __init__(self, liked: Preferences, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        form = form_of(self)
        self._pace = QComboBox()
        self._pace.setObjectName("remote_pace")
        self._pace.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._pace.setMinimumContentsLength(20)
        for pace, text in _PACES:
            self._pace.addItem(text.format(FASTEST * pace.factor))
        self._pace.setCurrentIndex([pace for pace, _ in _PACES].index(liked.pace))
        explain(
            self._pace,
            tr(
                "One question for all jobs of all windows. Refresh asks at once in any "
                "case. Starts, ends and progress are seen on the disk meanwhile."
            ),
        )
        form.addRow(tr("Ask SLURM"), self._pace)
        self.live_logs = _box(
            tr("Read the shown log while it grows"), "remote_live_logs"
        )
        explain(
            self.live_logs,
            tr("Off: a log is read when its job is chosen, and by Refresh."),
        )
        self.live_logs.setChecked(liked.live_logs)
        form.addRow(tr("Logs"), self.live_logs)
        form.addRow(
            sentence(
                tr(
                    "The cluster is shared: SLURM is never asked more often than every "
                    "{:.0f} s, and not at all while no job is open."
                ).format(FASTEST)
            )
        )

    def pace(self) -> Pace:
        return _PACES[self._pace.currentIndex()][0]


class AboutPage(QWidget):
    """Versions, where logs are, help, and the way back to as installed."""

    def __init__(
        self, facts: Sequence[Tuple[str, str]], parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        form = form_of(self)
        for name, value in facts:
            form.addRow(name, sentence(value))
        self.log = ElidedLabel(str(data_folder()))
        self.open_log = button(
            tr("Open"), "remote_open_log", tr("Show the folder with the program's log.")
        )
        self.open_log.clicked.connect(self._on_open_log)
        form.addRow(tr("Logs"), line(self.log, self.open_log))
        self.help = button(
            tr("Open"), "remote_open_guide", tr("How everything is done.")
        )
        form.addRow(
            tr("Guide"), line(ElidedLabel(tr("step by step, by subject")), self.help)
        )
        self.bundle = button(tr("Save..."), "remote_support_bundle", BUNDLE)
        form.addRow(
            tr("For support"), line(ElidedLabel(tr("one zip, no secrets")), self.bundle)
        )
        self.reset = button(tr("Reset..."), "remote_reset", RESET)
        form.addRow(
            tr("Settings"), line(ElidedLabel(tr("back to as installed")), self.reset)
        )
        self.says = sentence(name="remote_about_says")
        form.addRow(self.says)

    def say(self, text: str) -> None:
        self.says.setText(text)

    def _on_open_log(self, *_args: Any) -> None:
        open_folder(data_folder())


def open_folder(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _box(text: str, name: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setObjectName(name)
    return box
