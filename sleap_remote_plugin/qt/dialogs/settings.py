"""The settings: profile, user, sign-in, notices, disks, and where things are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional, Sequence

from qtpy.QtCore import QUrl, Signal
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
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

import sleap_remote_plugin
from sleap_remote_plugin.jobs.cluster import ClusterProfile, data_folder
from sleap_remote_plugin.qt.dialogs.buttons import plain
from sleap_remote_plugin.qt.dialogs.disks import DisksBox
from sleap_remote_plugin.qt.elided import ElidedLabel

_WITHOUT_PASSWORD = "sign in without a password"


class SettingsDialog(QDialog):
    """Accepted means: use what is chosen."""

    forget_wanted = Signal()
    replace_wanted = Signal()
    key_wanted = Signal()
    setup_wanted = Signal()

    def __init__(
        self,
        profiles: Sequence[ClusterProfile],
        profile: Optional[ClusterProfile],
        user: str,
        notifications: bool,
        problems: Sequence[str] = (),
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_settings_dialog")
        self.setWindowTitle("Remote jobs: settings")
        self.setMinimumWidth(520)
        self._profiles = tuple(profiles)
        self._opened = (profile, user)
        layout = QVBoxLayout(self)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Cluster", self._profile_choice(profile))
        form.addRow("Profile file", self._file_line())
        self.user = QLineEdit(user)
        self.user.setObjectName("remote_settings_user")
        self.user.setPlaceholderText("your user name on the cluster")
        form.addRow("User", self.user)
        form.addRow("Password", self._password_line())
        self.keyring_problem = QLabel()
        self.keyring_problem.setWordWrap(True)
        self.keyring_problem.setVisible(False)
        form.addRow("", self.keyring_problem)
        form.addRow("Key", self._key_line())
        self.notifications = QCheckBox("Tell me when a job starts or ends")
        self.notifications.setObjectName("remote_notifications")
        self.notifications.setChecked(notifications)
        form.addRow("Notices", self.notifications)
        form.addRow("Log", self._log_line())
        form.addRow("Version", QLabel(sleap_remote_plugin.__version__))
        layout.addLayout(form)
        self.disks = DisksBox()
        layout.addWidget(self.disks, 1)
        for sentence in problems:
            label = QLabel(sentence)
            label.setWordWrap(True)
            layout.addWidget(label)
        ok = QDialogButtonBox.StandardButton.Ok
        buttons = QDialogButtonBox(ok | QDialogButtonBox.StandardButton.Cancel)
        plain(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self._on_profile()

    def _profile_choice(self, profile: Optional[ClusterProfile]) -> QHBoxLayout:
        self.profiles = QComboBox()
        self.profiles.setObjectName("remote_profile")
        for one in self._profiles:
            self.profiles.addItem("{} ({})".format(one.title, one.name))
        if profile in self._profiles:
            self.profiles.setCurrentIndex(self._profiles.index(profile))
        self.profiles.currentIndexChanged.connect(self._on_profile)
        self.setup = _button("Set up...", "remote_settings_setup")
        self.setup.setToolTip("User, disk and SLEAP of a cluster, step by step.")
        self.setup.clicked.connect(self._on_setup)
        return _line(self.profiles, self.setup)

    def _file_line(self) -> QHBoxLayout:
        self.file = ElidedLabel()
        self.file.setObjectName("remote_profile_file")
        self.open_file = _button("Open", "remote_open_profile")
        self.open_file.clicked.connect(self._on_open_file)
        return _line(self.file, self.open_file)

    def _password_line(self) -> QHBoxLayout:
        self.kept = ElidedLabel("kept if you chose so")
        self.kept.setObjectName("remote_kept_password")
        self.replace = _button("Replace...", "remote_replace_password")
        self.replace.setToolTip("Sign out, and give another password or passphrase.")
        self.replace.clicked.connect(self.replace_wanted)
        self.forget = _button("Forget", "remote_forget_password")
        self.forget.setToolTip(
            "Take passwords and passphrases for this cluster out of the keyring, and "
            "sign out."
        )
        self.forget.clicked.connect(self._on_forget)
        return _line(self.kept, self.replace, self.forget)

    def _key_line(self) -> QHBoxLayout:
        self.key = ElidedLabel(_WITHOUT_PASSWORD)
        self.install = _button("Install a key...", "remote_install_key")
        self.install.setToolTip(
            "Put your public SSH key onto the cluster, so that no password is needed."
        )
        self.install.clicked.connect(self.key_wanted)
        return _line(self.key, self.install)

    def _log_line(self) -> QHBoxLayout:
        self.log = ElidedLabel(str(data_folder()))
        self.open_log = _button("Open", "remote_open_log")
        self.open_log.clicked.connect(self._on_open_log)
        return _line(self.log, self.open_log)

    # -- what was chosen --------------------------------------------------------------

    def profile(self) -> Optional[ClusterProfile]:
        index = self.profiles.currentIndex()
        return self._profiles[index] if index >= 0 else None

    def new_user(self) -> str:
        """The user name, where it was changed; else empty."""
        text = self.user.text().strip()
        profile, before = self._opened
        same = profile is not None and self.profile() == profile and text == before
        return "" if same else text

    def _on_profile(self, *_args: Any) -> None:
        profile = self.profile()
        has_file = profile is not None and profile.source is not None
        self.file.setText(str(profile.source) if has_file and profile else "none")
        self.open_file.setEnabled(has_file)
        if profile != self._opened[0]:
            self.user.setText(profile.user if profile is not None else "")
        else:
            self.user.setText(self._opened[1])
        self._enable_sign_in()

    def _enable_sign_in(self) -> None:
        profile = self.profile()
        in_use = profile is not None and profile == self._opened[0]
        for button in (self.forget, self.replace, self.install):
            button.setEnabled(in_use and profile is not None and bool(profile.login))
        self.disks.allow(in_use)

    def show_kept(self, count: int, problem: str) -> None:
        """Tell what the keyring holds for the cluster in use."""
        kept = "in the system keyring" if count else "not in the system keyring"
        self.kept.setText("in memory until SLEAP is closed" if problem else kept)
        self.keyring_problem.setText(problem)
        self.keyring_problem.setVisible(bool(problem))
        self.key.setText(_WITHOUT_PASSWORD)
        self._enable_sign_in()

    def say_key(self, text: str) -> None:
        """Tell how installing a key goes; it cannot be asked for meanwhile."""
        self.key.setText(text)
        self.install.setEnabled(False)

    def _on_setup(self, *_args: Any) -> None:
        self.reject()
        self.setup_wanted.emit()

    def _on_open_file(self, *_args: Any) -> None:
        profile = self.profile()
        if profile is not None and profile.source is not None:
            _open(profile.source)

    def _on_open_log(self, *_args: Any) -> None:
        _open(data_folder())

    def _on_forget(self, *_args: Any) -> None:
        self.forget.setEnabled(False)
        self.kept.setText("being forgotten...")
        self.forget_wanted.emit()


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button


def _line(label: QWidget, *buttons: QPushButton) -> QHBoxLayout:
    line = QHBoxLayout()
    line.addWidget(label, 1)
    for button in buttons:
        line.addWidget(button)
    return line
