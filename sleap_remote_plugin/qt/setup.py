"""When the set-up of a cluster opens, and that it is open once.

What happens in it is in setup_steps.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.qt.connection import Connection, OpenSession, open_session
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.session.settings import Settings

if TYPE_CHECKING:
    from sleap_remote_plugin.qt.dialogs.wizard import SetupWizard
    from sleap_remote_plugin.qt.setup_steps import SetupSteps


class Setup(QObject):
    """Opens the wizard: when the user wants it, and once where it is needed."""

    #: profile, its session (connected), path of the file
    completed = Signal(object, object, str)

    def __init__(
        self,
        host: Host,
        settings: Settings,
        open_it: OpenSession = open_session,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.settings = settings
        self._open_it = open_it
        self._steps: Optional[SetupSteps] = None
        self._next: Optional[Callable[[], None]] = None

    @property
    def wizard(self) -> Optional[SetupWizard]:
        return self._steps.wizard if self._steps is not None else None

    def open(
        self,
        profiles: Profiles,
        profile: Optional[ClusterProfile],
        then: Optional[Callable[[], None]] = None,
    ) -> None:
        """Open the wizard, or bring the open one to the front.

        Parameters
        ----------
        then : callable, optional
            What the user wanted to do; done once the cluster is set up.
        """
        if self._steps is not None:
            self._steps.wizard.raise_()
            return
        # Slow, and hardly ever needed: not when SLEAP starts.
        from sleap_remote_plugin.qt.dialogs.wizard import SetupWizard
        from sleap_remote_plugin.qt.setup_steps import SetupSteps

        self._next = then
        wizard = SetupWizard(profiles.usable, profile, self.host.window)
        self._steps = SetupSteps(wizard, self.host, self._open_it, self)
        self._steps.completed.connect(self._on_completed)
        wizard.finished.connect(self._on_finished)
        wizard.show()  # not modal: one can go on labelling meanwhile

    def before(
        self,
        deed: Callable[[], None],
        connection: Optional[Connection],
        profiles: Profiles,
    ) -> None:
        """Do something that needs the cluster; the first time, set it up before.

        That is where nobody says who the user is, and where the wizard was not
        offered for this cluster yet. Elsewhere the deed is done at once.
        """
        if connection is None or self.is_known(connection.profile):
            deed()
            return
        profile = connection.profile

        def go_on(user: Any) -> None:
            if user:
                deed()
                return
            self.settings.set(_offered(profile), True)
            self.open(profiles, profile, deed)

        connection.local(lambda session: session.user, go_on, lambda error: deed())

    def is_known(self, profile: ClusterProfile) -> bool:
        """Whether there is no need for a set-up: a user is known, or it was offered."""
        return bool(
            profile.login is None
            or profile.user
            or profile.login.user
            or self.settings.get("user." + profile.name)
            or self.settings.get(_offered(profile))
        )

    def _on_completed(self, profile: ClusterProfile, session: Any, path: str) -> None:
        deed, self._next = self._next, None
        self.settings.set(_offered(profile), True)
        self.completed.emit(profile, session, path)
        if deed is not None:
            deed()

    def _on_finished(self, *_args: int) -> None:
        steps, self._steps = self._steps, None
        if steps is not None:
            steps.wizard.deleteLater()
            steps.deleteLater()


def _offered(profile: ClusterProfile) -> str:
    return "setup.offered." + profile.name
