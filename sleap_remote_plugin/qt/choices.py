"""What the submit dialog is filled with: asked in the background, told as it comes."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qtpy.QtCore import QObject

from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog
from sleap_remote_plugin.qt.start_estimate import StartEstimate

_FOLD = "submit_dialog.advanced"


class Choices(QObject):
    """Resources, partitions, modules and their versions for one dialog.

    Parameters
    ----------
    project : str
        Its path: what its last job used is told.
    own : str
        Version of the SLEAP that is here.
    resources, module : callable
        What to suggest, asked of the session on the network lane.
    """

    def __init__(
        self,
        connection: Connection,
        dialog: SubmitDialog,
        own: str,
        project: str,
        resources: Callable[[Any], Resources],
        module: Callable[[Any], SleapModule],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.connection = connection
        self._dialog: Optional[SubmitDialog] = dialog
        self._own = own
        self._project = project
        self._resources = resources
        self._module = module
        self._was_unfolded = False
        self._start = StartEstimate(connection, dialog, self)
        dialog.with_module.refresh_wanted.connect(self._on_refresh)
        dialog.finished.connect(self._on_finished)

    def ask(self) -> None:
        """Ask for all of it; the dialog does not wait."""
        own, project = self._own, self._project
        kind = self._dialog.kind if self._dialog is not None else None
        local = self.connection.local
        local(lambda session: session.known_site(), self._tell("offer_site"))
        local(self._resources, self._tell("suggest_resources"))
        local(
            lambda session: session.last_time(kind, project),
            self._tell("tell_last_time"),
        )
        local(
            lambda session: session.settings.get(_FOLD, False),
            self._on_fold,
        )
        self.connection.local(
            lambda session: session.told_differences(own),
            self._tell("leave_out_differences"),
        )
        self._ask_cluster(False)

    def _ask_cluster(self, refresh: bool) -> None:
        """What is known of the modules is shown at once, what is read comes later."""
        self.connection.call(
            lambda session: session.site(refresh), self._on_site, ask=False
        )
        if refresh:
            self._call(lambda session: session.read_modules(True), "offer_modules")
        else:
            self._call(lambda session: session.modules(), "offer_modules")
        self._call(self._module, "suggest_module", "tell_module_problem")
        self._call(lambda session: session.modules(), "offer_modules")

    def _call(self, ask: Callable[[Any], Any], method: str, failed: str = "") -> None:
        on_error = self._tell(failed) if failed else None
        self.connection.call(ask, self._tell(method), on_error, ask=False)

    def _tell(self, method: str) -> Callable[[Any], None]:
        """Gives the dialog what has come; it may be gone by then."""

        def tell(value: Any) -> None:
            if self._dialog is not None:
                getattr(self._dialog, method)(value)

        return tell

    def _on_fold(self, shown: Any) -> None:
        self._was_unfolded = shown is True
        self._tell("unfold_advanced")(shown)

    def _on_site(self, site: Any) -> None:
        """It was asked just now: there is a connection, which can tell a start too."""
        self._tell("offer_site")(site)
        self._start.ask_soon()

    def _on_refresh(self) -> None:
        self._ask_cluster(True)

    def _on_finished(self, *_args: Any) -> None:
        """A difference between versions that was shown is not shown again."""
        dialog, self._dialog = self._dialog, None
        if dialog is None:
            return
        told, own = dialog.with_module.told_here, self._own
        shown = dialog.advanced.button.isChecked()
        if shown != self._was_unfolded:
            self.connection.local(lambda session: session.settings.set(_FOLD, shown))
        if told:
            self.connection.local(
                lambda session: session.keep_told_differences(own, told)
            )
