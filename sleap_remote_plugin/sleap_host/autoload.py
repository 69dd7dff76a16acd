"""``sleap-remote enable``: the ordinary ``sleap-label`` gets our menu; reversible.

Two small files go into this environment's site-packages. Python runs the ``.pth`` at
every start; it loads the boot module, which imports `sys` only and waits for
``sleap.gui.app`` to be imported. If the plugin is gone by then, SLEAP starts as if
nothing were there.
"""

from __future__ import annotations

import contextlib
import importlib.util
import py_compile
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.words import tr

PTH_NAME = "zz_sleap_remote.pth"
BOOT_NAME = "_sleap_remote_boot.py"

_PTH = """\
import sys; exec("try:\\n import _sleap_remote_boot\\nexcept Exception:\\n pass")
"""

_BOOT = '''\
"""Gives SLEAP's window the menu of sleap_remote_plugin.

Written by `sleap-remote enable`; `sleap-remote disable` removes it.
"""

import sys


class _Finder:
    """Stands by until sleap.gui.app is imported, then steps aside."""

    def find_spec(self, name, path=None, target=None):
        if name != "sleap.gui.app":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            try:
                from sleap_remote_plugin.sleap_host.attach import patch
            except ImportError:
                return  # the plugin was uninstalled
            try:
                patch(module)
            except Exception:
                import traceback

                traceback.print_exc()

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, _Finder())
'''


@dataclass(frozen=True)
class AutoloadStatus:
    """Whether the ordinary SLEAP has the menu, and by which files.

    Attributes
    ----------
    files : tuple of Path
        Those of ours that are there.
    """

    enabled: bool
    folder: Path
    files: Tuple[Path, ...] = ()


def enable(folder: Optional[Path] = None) -> Tuple[Path, ...]:
    """Write the two files, and return their paths.

    Parameters
    ----------
    folder : Path, optional
        Instead of this environment's site-packages.

    Raises
    ------
    RemoteError
        The folder cannot be written to.
    """
    folder = _site_packages() if folder is None else folder
    boot, pth = folder / BOOT_NAME, folder / PTH_NAME
    try:
        boot.write_bytes(_BOOT.encode("ascii"))
        _compile(boot)  # else every Python here would do it at every start
        pth.write_bytes(_PTH.encode("ascii"))
    except OSError as error:
        _remove(pth, _compiled(boot), boot)
        raise RemoteError(
            tr(
                "The folder {} cannot be written to, so that the ordinary sleap-label "
                "stays as it is. Start SLEAP with `sleap-remote label`, or ask whoever "
                "looks after this environment."
            ).format(folder),
            detail=str(error),
        ) from error
    return boot, pth


def disable(folder: Optional[Path] = None) -> Tuple[Path, ...]:
    """Remove the files, and return the paths of those that were there.

    Raises
    ------
    RemoteError
        A file is there and cannot be removed.
    """
    found = status(folder).files
    for path in reversed(found):  # the .pth first: it loads the other
        try:
            path.unlink()
        except OSError as error:
            raise RemoteError(
                tr(
                    "The file {} cannot be removed. Remove it by hand, or ask whoever "
                    "looks after this environment."
                ).format(path),
                detail=str(error),
            ) from error
        if path.name == BOOT_NAME:
            compiled = _compiled(path)
            _remove(compiled)
            with contextlib.suppress(OSError):
                compiled.parent.rmdir()  # where nothing else is in it
    return found


def status(folder: Optional[Path] = None) -> AutoloadStatus:
    """Which of the files are there."""
    folder = _site_packages() if folder is None else folder
    files = tuple(p for p in (folder / BOOT_NAME, folder / PTH_NAME) if p.is_file())
    return AutoloadStatus(len(files) == 2, folder, files)


def _site_packages() -> Path:
    return Path(sysconfig.get_paths()["purelib"])


def _compile(boot: Path) -> None:
    # It works without, and takes some milliseconds more.
    with contextlib.suppress(OSError, py_compile.PyCompileError):
        py_compile.compile(str(boot), doraise=True)


def _compiled(boot: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(boot)))


def _remove(*paths: Path) -> None:
    for path in paths:
        try:
            path.unlink()
        except OSError:
            pass
