"""Gives every SLEAP window our menu and dock: the only version test in the program.

SLEAP's start makes an empty dock only, so that SLEAP puts it back where the user left
it; all else follows once the window is on the screen (`starting`). Nothing that goes
wrong here stops SLEAP: it is logged, and one sentence is shown in the status bar.
"""

from __future__ import annotations

import functools
import gc
import importlib
import logging
import logging.handlers
from typing import TYPE_CHECKING, Any, Callable, Iterator, Type

from qtpy import QtWidgets

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.cluster import data_folder
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.sleap_host import chrome, shortcuts
from sleap_remote_plugin.sleap_host.starting import Starting
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.sleap_host.base import SleapHost

logger = logging.getLogger(__name__)

_PATCHED = "_sleap_remote_is_patched"
_HOST = "_sleap_remote_host"
_CONTROLLER = "_sleap_remote_controller"
_STARTING = "_sleap_remote_starting"

#: Imported one by one, so that the window has its turn in between; they import what
#: takes the longest, and the rest comes with the controller and the host.
_IN_TURN = (
    "qt.connection",
    "qt.beginning",
    "qt.findings",
    "qt.job_details",
    "qt.job_panel",
    "qt.dock",
    "qt.clusters",
    "qt.following",
    "qt.results",
    "qt.in_use",
    "qt.dock_deeds",
    "qt.controller",
    "sleap_host.prediction",
    "sleap_host.tables",
    "sleap_host.results",
    "sleap_host.next_round",
)


def patch(app_module: Any) -> None:
    """Make every window of ``sleap.gui.app`` ours too; a second call does nothing."""
    window_class = app_module.MainWindow
    if getattr(window_class, _PATCHED, False):
        return
    _call_after(window_class, "_initialize_gui", _attach)
    _call_after(window_class, "_show_learning_dialog", _report_dialog)
    setattr(window_class, _PATCHED, True)
    # What SLEAP has imported by now stays for good. Python's collector looked through
    # all of it again and again: 200 ms each time, in which no window does anything.
    gc.freeze()
    try:
        shortcuts.add_names()
    except Exception:
        logger.exception("SLEAP's table of shortcuts goes without ours")


def host_of(window: Any) -> SleapHost:
    """The host of a patched window (for tests and the demo).

    Raises
    ------
    AttributeError
        The window has none: it is not patched, or attaching failed.
    """
    finish(window)
    return getattr(window, _HOST)


def controller_of(window: Any) -> Any:
    """What `qt.controller.attach` made for a window."""
    finish(window)
    return getattr(window, _CONTROLLER)


def finish(window: Any) -> None:
    """Attach at once what would be attached in the window's idle moments."""
    starting = getattr(window, _STARTING, None)
    if starting is not None:
        starting.finish()


def _call_after(cls: type, name: str, then: Callable[..., None]) -> None:
    """Have `then` called with the same arguments after a method has returned."""
    method = getattr(cls, name)

    @functools.wraps(method)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        try:
            then(self, *args, **kwargs)
        except Exception as error:
            _report(self, error)
        return result

    setattr(cls, name, wrapped)


def _attach(window: Any, *args: Any, **kwargs: Any) -> None:
    _start_log()
    chrome.make_dock(window)
    report = functools.partial(_report, window)
    setattr(window, _STARTING, Starting(window, _pieces(window), report))


def _pieces(window: Any) -> Iterator[None]:
    """All that a window gets, a piece at a time."""
    for name in _IN_TURN:
        importlib.import_module("sleap_remote_plugin." + name)
        yield
    make_host = host_class()
    yield
    host = make_host(window)
    from sleap_remote_plugin.qt.controller import attach as attach_controller

    # Kept on the window: they live as long as it does.
    setattr(window, _HOST, host)
    setattr(window, _CONTROLLER, attach_controller(host))


def _report_dialog(window: Any, mode: str, *args: Any, **kwargs: Any) -> None:
    finish(window)
    host = getattr(window, _HOST, None)
    if host is not None:
        host.report_dialog(mode)


def sleap_version() -> str:
    """Version of this environment's SLEAP; empty where there is none."""
    try:
        from sleap.version import __version__
    except ImportError:
        return ""
    return str(__version__)


def host_class() -> Type[SleapHost]:
    """The host for this environment's SLEAP."""
    import sleap

    if generation_of_version(sleap.__version__) is Generation.CURRENT:
        from sleap_remote_plugin.sleap_host.current import CurrentHost

        return CurrentHost
    from sleap_remote_plugin.sleap_host.legacy import LegacyHost

    return LegacyHost


def _report(window: Any, error: Exception) -> None:
    logger.error("SLEAP goes on without us", exc_info=error)
    if isinstance(error, RemoteError):
        sentence = str(error)
    else:
        sentence = tr("Running on a cluster is not available: see {}.").format(
            _log_file()
        )
    try:
        window.statusBar().addPermanentWidget(QtWidgets.QLabel(sentence))
    except Exception:
        logger.exception("The status bar cannot show it")


def _log_file() -> str:
    return str(data_folder() / "log.txt")


def _start_log() -> None:
    """Send this program's log to its file, once; without a disk there is none."""
    ours = logging.getLogger("sleap_remote_plugin")
    if any(isinstance(h, logging.handlers.RotatingFileHandler) for h in ours.handlers):
        return
    try:
        data_folder().mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            _log_file(), maxBytes=2000000, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:
        return
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    ours.addHandler(handler)
    if ours.level == logging.NOTSET:
        ours.setLevel(logging.INFO)
