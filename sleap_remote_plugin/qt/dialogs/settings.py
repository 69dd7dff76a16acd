"""The settings, page by page: a list on the left, the page on the right.

It looks like what it is told and says what was chosen; what comes of it is
qt/settings_window.py's. The pages are in settings_pages.py and profiles_page.py.
"""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.qt.dialogs.buttons import plain
from sleap_remote_plugin.qt.dialogs.disks import DisksBox
from sleap_remote_plugin.qt.dialogs.explained import explain
from sleap_remote_plugin.qt.dialogs.profiles_page import ProfilesPage
from sleap_remote_plugin.qt.dialogs.settings_pages import (
    AboutPage,
    FollowingPage,
    NoticesPage,
    SignInPage,
)
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.session.preferences import Preferences
from sleap_remote_plugin.words import tr


class SettingsDialog(QDialog):
    """Accepted means: use what is chosen. Not modal: one can go on labelling.

    Parameters
    ----------
    profile, user
        The cluster in use, and who the user is there.
    facts : sequence of (str, str)
        Versions, for the last page.
    """

    forget_wanted = Signal()
    replace_wanted = Signal()
    key_wanted = Signal()
    setup_wanted = Signal()
    help_wanted = Signal()

    def __init__(
        self,
        profiles: Profiles,
        profile: Optional[ClusterProfile],
        user: str,
        liked: Optional[Preferences] = None,
        facts: Sequence[Tuple[str, str]] = (),
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_settings_dialog")
        self.setWindowTitle(tr("Remote jobs: settings"))
        em = self.fontMetrics().height()
        self.resize(min(44 * em, 1200), min(33 * em, 660))
        self._opened = (profile, user)
        self._make_pages(profiles, profile, liked or Preferences(), facts)
        upper = QHBoxLayout()
        upper.addWidget(self.list)
        upper.addWidget(self.stack, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(upper, 1)
        layout.addWidget(self._make_buttons())
        self._on_profile()
        self.list.setCurrentRow(0)

    # -- parts ------------------------------------------------------------------------

    def _make_pages(
        self,
        profiles: Profiles,
        profile: Optional[ClusterProfile],
        liked: Preferences,
        facts: Sequence[Tuple[str, str]],
    ) -> None:
        self.clusters = ProfilesPage(profiles, profile)
        self.profiles = self.clusters.in_use
        self.profiles.currentIndexChanged.connect(self._on_profile)
        self.clusters.setup.clicked.connect(self._on_setup)
        self.sign_in = SignInPage()
        self.user, self.kept, self.key = (
            self.sign_in.user,
            self.sign_in.kept,
            self.sign_in.key,
        )
        self.keyring_problem = self.sign_in.keyring_problem
        self.replace, self.forget = self.sign_in.replace, self.sign_in.forget
        self.install = self.sign_in.install
        self.replace.clicked.connect(self.replace_wanted)
        self.forget.clicked.connect(self._on_forget)
        self.install.clicked.connect(self.key_wanted)
        self.disks = DisksBox()
        self.notices = NoticesPage(liked)
        self.notifications = self.notices.all
        self.following = FollowingPage(liked)
        self.about = AboutPage(facts)
        self.about.help.clicked.connect(self.help_wanted)
        self.pages: Dict[str, QWidget] = {}
        self.list = QListWidget()
        self.list.setObjectName("remote_settings_pages")
        self.list.setAccessibleName(tr("Pages"))
        self.stack = QStackedWidget()
        for name, title, page in (
            ("cluster", tr("Clusters"), self.clusters),
            ("sign-in", "Sign-in", self.sign_in),
            ("disks", tr("Disks"), self.disks),
            ("notices", tr("Notices"), self.notices),
            ("following", tr("Following"), self.following),
            ("about", tr("About"), self.about),
        ):
            self.pages[name] = page
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.list.addItem(item)
            self.stack.addWidget(_scrolled(page))
        height = self.list.fontMetrics().height() + 12
        for row in range(self.list.count()):
            self.list.item(row).setSizeHint(QSize(0, height))
        self.list.setFixedWidth(self.list.sizeHintForColumn(0) + 28)
        self.list.setFixedWidth(max(self.list.width(), 9 * height // 2))
        self.list.currentRowChanged.connect(self.stack.setCurrentIndex)

    def _make_buttons(self) -> QDialogButtonBox:
        kind = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kind.Ok | kind.Cancel | kind.Help)
        plain(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        buttons.helpRequested.connect(self.help_wanted)
        buttons.button(kind.Help).setAutoDefault(False)
        explain(buttons.button(kind.Help), tr("Open the guide."))
        return buttons

    # -- what was chosen --------------------------------------------------------------

    def show_page(self, name: str) -> None:
        self.list.setCurrentRow(list(self.pages).index(name))

    def page(self) -> str:
        """Name of the page that is shown."""
        return list(self.pages)[self.list.currentRow()]

    def profile(self) -> Optional[ClusterProfile]:
        return self.clusters.chosen()

    def new_user(self) -> str:
        """The user name, where it was changed; else empty."""
        text = self.user.text().strip()
        profile, before = self._opened
        same = profile is not None and self.profile() == profile and text == before
        return "" if same else text

    def preferences(self) -> Preferences:
        return Preferences(
            self.notices.all.isChecked(),
            self.notices.muted(),
            self.notices.badge.isChecked(),
            self.following.pace(),
            self.following.live_logs.isChecked(),
        )

    def _on_profile(self, *_args: Any) -> None:
        profile = self.profile()
        if profile != self._opened[0]:
            self.user.setText(profile.user if profile is not None else "")
        else:
            self.user.setText(self._opened[1])
        title = profile.title if profile is not None else "a cluster"
        self.sign_in.name(title, profile == self._opened[0])
        self._enable_sign_in()

    def _enable_sign_in(self) -> None:
        profile = self.profile()
        in_use = profile is not None and profile == self._opened[0]
        for button in (self.forget, self.replace, self.install):
            button.setEnabled(in_use and profile is not None and bool(profile.login))
        self.disks.allow(in_use)

    def show_kept(self, count: int, problem: str) -> None:
        """Tell what the keyring holds for the cluster in use."""
        self.sign_in.show_kept(count, problem)
        self._enable_sign_in()

    def say_key(self, text: str) -> None:
        """Tell how installing a key goes; it cannot be asked for meanwhile."""
        self.key.setText(text)
        self.install.setEnabled(False)

    def _on_setup(self, *_args: Any) -> None:
        self.reject()
        self.setup_wanted.emit()

    def _on_forget(self, *_args: Any) -> None:
        self.forget.setEnabled(False)
        self.kept.setText(tr("being forgotten..."))
        self.forget_wanted.emit()


def _scrolled(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
