"""The settings: opened once, filled in, and what comes of them.

Reading and writing is on the files lane. The pages' own work is in sign_in.py,
disks.py and profile_settings.py.
"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, NamedTuple, Optional, Tuple

import qtpy
from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import QCheckBox, QDialog, QFileDialog

import sleap_remote_plugin
from sleap_remote_plugin.jobs.own_profiles import is_shipped, take_away
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.guide import open_guide
from sleap_remote_plugin.qt.dialogs.message import ask, tell_error
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.profiles import Profiles, read_profiles
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.preferences import (
    Preferences,
    keep_preferences,
    preferences,
)
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.words import tr

# The dialog and its pages are imported when it is first opened: SLEAP's start does not
# pay for them.
if TYPE_CHECKING:
    from sleap_remote_plugin.qt.dialogs.settings import SettingsDialog
    from sleap_remote_plugin.qt.disks import DisksSettings
    from sleap_remote_plugin.qt.profile_settings import ProfileSettings
    from sleap_remote_plugin.qt.sign_in import SignInSettings

RESET = tr(
    "Put the settings back to as installed?\n\n"
    "Forgotten: which cluster is in use, your user names on the clusters, notices, "
    "following, what was asked for in the last jobs, and what was learned of modules "
    "and disks. What was there is kept beside it as settings.json.bak.\n\n"
    "Not touched: jobs and their results, passwords and keys, known hosts, copies of "
    "data, and SLEAP's own settings."
)
PROFILES_TOO = tr(
    "Take my own cluster profiles out of use too (kept as NAME.yaml.removed)"
)


class Chosen(NamedTuple):
    """What came of the settings.

    Attributes
    ----------
    profiles : Profiles or None
        As they are now, where one was changed.
    cluster : str
        Name of the profile to use; empty: as before.
    user : str
        The user name there, where it was changed.
    is_reset : bool
        Whether everything is as installed.
    """

    profiles: Optional[Profiles] = None
    cluster: str = ""
    user: str = ""
    is_reset: bool = False


class SettingsWindow(QObject):
    """One settings dialog at a time. It is not modal: jobs and labelling go on."""

    chosen = Signal(object)  # Chosen
    signed_out = Signal()
    disks_kept = Signal(object)  # ClusterProfile
    setup_wanted = Signal()

    def __init__(
        self,
        host: Host,
        settings: Settings,
        files: Lane,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.settings = settings
        self._files = files
        self.dialog: Optional[SettingsDialog] = None
        self._connection: Optional[Connection] = None
        self._profiles = Profiles((), ())
        self._changed: Optional[Profiles] = None
        self.sign_in: Optional[SignInSettings] = None
        self.disks: Optional[DisksSettings] = None
        self.own: Optional[ProfileSettings] = None

    def open(self, connection: Optional[Connection], profiles: Profiles) -> None:
        """Open it once the session has said who the user is; or bring it to front."""
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        self._connection = connection
        if connection is None:
            self._ask_settings("", profiles)
        else:
            connection.local(
                lambda session: session.user,
                lambda user: self._ask_settings(user, profiles),
            )

    def close(self) -> Optional[Profiles]:
        """Another cluster is in use: what is shown is of the one before.

        Returns
        -------
        Profiles or None
            As they are now, where one was changed.
        """
        dialog, self.dialog = self.dialog, None
        if dialog is None:
            return None
        self._leave_editors()
        dialog.reject()
        dialog.deleteLater()
        return self._changed

    def _ask_settings(self, user: str, profiles: Profiles) -> None:
        self._files.do(
            lambda: preferences(self.settings),
            lambda liked: self._show(user, profiles, liked),
        )

    def _show(self, user: str, profiles: Profiles, liked: Preferences) -> None:
        if self.dialog is not None:
            return
        from sleap_remote_plugin.qt.dialogs.settings import SettingsDialog

        connection, self._profiles, self._changed = self._connection, profiles, None
        profile = connection.profile if connection is not None else None
        dialog = SettingsDialog(
            profiles, profile, user, liked, self.facts(), self.host.window
        )
        self.dialog = dialog
        dialog.finished.connect(self._on_finished)
        dialog.setup_wanted.connect(self.setup_wanted)
        dialog.help_wanted.connect(self._on_help)
        dialog.about.bundle.clicked.connect(self._on_bundle)
        dialog.about.reset.clicked.connect(self._on_reset)
        own, sign_in, disks = self._pages()
        own.attach(dialog.clusters)
        if connection is not None:
            sign_in.attach(dialog, connection)
            disks.attach(dialog, connection)
        dialog.show()

    def _pages(self) -> Tuple[ProfileSettings, SignInSettings, DisksSettings]:
        """The pages' own work; made when the dialog is first opened."""
        if self.own is None or self.sign_in is None or self.disks is None:
            from sleap_remote_plugin.qt.disks import DisksSettings
            from sleap_remote_plugin.qt.profile_settings import ProfileSettings
            from sleap_remote_plugin.qt.sign_in import SignInSettings

            self.sign_in = SignInSettings(self)
            self.sign_in.signed_out.connect(self.signed_out)
            self.disks = DisksSettings(self)
            self.disks.kept.connect(self.disks_kept)
            self.disks.failed.connect(self._on_disks_failed)
            self.own = ProfileSettings(self._files, self.settings, self)
            self.own.changed.connect(self._on_profiles)
        return self.own, self.sign_in, self.disks

    def _leave_editors(self) -> None:
        if self.own is not None:
            self.own.leave()

    def facts(self) -> List[Tuple[str, str]]:
        """What is installed here, for the last page and for support."""
        return [
            (tr("Version"), sleap_remote_plugin.__version__),
            ("SLEAP", self.host.version),
            (tr("Qt"), "{} {}".format(qtpy.API_NAME, qtpy.QtCore.__version__)),
            (tr("Python"), platform.python_version()),
            (tr("System"), platform.platform(aliased=True, terse=True)),
        ]

    # -- the end ----------------------------------------------------------------------

    def _on_profiles(self, profiles: Profiles) -> None:
        self._profiles = self._changed = profiles
        if self.dialog is None:  # saved in an editor that was left open
            self.chosen.emit(Chosen(profiles))

    def _on_finished(self, result: int) -> None:
        dialog, self.dialog = self.dialog, None
        self._leave_editors()
        if dialog is None:
            return
        dialog.deleteLater()
        if result != int(QDialog.DialogCode.Accepted):
            self.chosen.emit(Chosen(self._changed))
            return
        profile, liked = dialog.profile(), dialog.preferences()
        self._files.do(lambda: keep_preferences(self.settings, liked))
        name = profile.name if profile is not None else ""
        self.chosen.emit(Chosen(self._changed, name, dialog.new_user()))

    def _on_disks_failed(self, error: BaseException) -> None:
        tell_error(self.host.window, error)

    def _on_help(self) -> None:
        open_guide(self.host.window)

    # -- for support ------------------------------------------------------------------

    def _on_bundle(self, *_args: Any) -> None:
        dialog = QFileDialog(self.dialog, tr("Save a bundle for support"))
        dialog.setObjectName("remote_bundle_file")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.selectFile("sleap-remote-support.zip")
        dialog.fileSelected.connect(self.save_bundle)
        dialog.open()

    def save_bundle(self, path: str) -> None:
        """Write the zip for support; the page says what is in it."""
        from sleap_remote_plugin.session.support import write_bundle

        facts = self.facts()
        lines = self._connection.log_lines() if self._connection is not None else []
        self._say(tr("Being written..."))
        self._files.do(
            lambda: write_bundle(Path(path), facts, lines),
            lambda names: self._say(
                tr(
                    "Saved as {}. In it: {}. Look through it before you send it."
                ).format(path, ", ".join(names))
            ),
            lambda error: self._say(str(error)),
        )

    def _say(self, text: str) -> None:
        if self.dialog is not None:
            self.dialog.about.say(text)

    # -- as installed -----------------------------------------------------------------

    def _on_reset(self, *_args: Any) -> None:
        self._too = QCheckBox(PROFILES_TOO)
        self._too.setObjectName("remote_reset_profiles")
        ask(
            self.dialog,
            RESET,
            tr("Reset"),
            tr("Keep"),
            self._reset,
            "remote_reset_question",
            also=self._too,
        )

    def _reset(self) -> None:
        own = [path for path, _ in self._profiles.broken]
        own += [
            one.source
            for one in self._profiles.usable
            if one.source is not None and not is_shipped(one)
        ]
        away = own if self._too.isChecked() else []

        def reset() -> Profiles:
            self.settings.reset()
            for path in away:
                take_away(path)
            return read_profiles()

        self._files.do(reset, self._on_is_reset, self._on_disks_failed)

    def _on_is_reset(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self.close()
        self.chosen.emit(Chosen(profiles, is_reset=True))
