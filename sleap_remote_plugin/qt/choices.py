"""What the submit dialog is filled with: asked in the background, told as it comes."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qtpy.QtCore import QObject

from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog


class Choices(QObject):
    """Resources, partitions, modules and their versions for one dialog.

    Parameters
    ----------
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
        resources: Callable[[Any], Resources],
        module: Callable[[Any], SleapModule],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.connection = connection
        self._dialog: Optional[SubmitDialog] = dialog
        self._own = own
        self._resources = resources
        self._module = module
        dialog.with_module.refresh_wanted.connect(self._on_refresh)
        dialog.finished.connect(self._on_finished)

    def ask(self) -> None:
        """Ask for all of it; the dialog does not wait."""
        own = self._own
        self.connection.local(self._resources, self._tell("suggest_resources"))
        self.connection.local(
            lambda session: session.told_differences(own),
            self._tell("leave_out_differences"),
        )
        self._ask_cluster(False)

    def _ask_cluster(self, refresh: bool) -> None:
        """What is known of the modules is shown at once, what is read comes later."""
        self._call(lambda session: session.partitions(refresh), "offer_partitions")
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

    def _on_refresh(self) -> None:
        self._ask_cluster(True)

    def _on_finished(self, *_args: Any) -> None:
        """A difference between versions that was shown is not shown again."""
        dialog, self._dialog = self._dialog, None
        told, own = (
            (dialog.with_module.told_here if dialog is not None else ()),
            self._own,
        )
        if told:
            self.connection.local(
                lambda session: session.keep_told_differences(own, told)
            )
