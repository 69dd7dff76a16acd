"""Every window of ours in every state, by name: for pictures, audits and the keyboard.

A window gets in by itself: each public generator without parameters in a file
``*_states.py`` beside this one yields (name, widget), as `docks` and `dialogs` in
``screens.py`` do. Dialogs and menus have their own size, what else there is (the dock)
is looked at in both of `PLACES`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any, Iterator, NamedTuple, Optional, Tuple

from qtpy.QtWidgets import QDialog, QMenu, QWidget

#: As wide as SLEAP's docks are, and floating: (suffix, width, height).
PLACES = (("-360", 360, 760), ("-1200", 1200, 600))


class State(NamedTuple):
    """One window in one state; `places` are (suffix, width, height), None: its own."""

    name: str
    widget: QWidget
    places: Tuple[Tuple[str, Optional[int], Optional[int]], ...]


def every_state() -> Iterator[State]:
    """Built one after the other, as they are asked for; the caller closes them."""
    seen = set()
    for generator, prefix in _generators():
        for name, widget in generator():
            if prefix + name in seen:
                widget.close()
                continue
            seen.add(prefix + name)
            is_window = isinstance(widget, (QDialog, QMenu))
            places = (("", None, None),) if is_window else PLACES
            yield State(prefix + name, widget, places)


def _generators() -> Iterator[Tuple[Any, str]]:
    from tests.qt import screens

    yield screens.docks, "dock-"
    yield screens.dialogs, ""
    here = Path(__file__).resolve().parent
    for found in sorted(pkgutil.iter_modules([str(here)]), key=lambda one: one.name):
        if not found.name.endswith("_states"):
            continue
        module = importlib.import_module("tests.qt." + found.name)
        for name, function in vars(module).items():
            is_own = getattr(function, "__module__", "") == module.__name__
            if is_own and not name.startswith("_") and _is_plain_generator(function):
                yield function, ""


def _is_plain_generator(function: Any) -> bool:
    if not inspect.isgeneratorfunction(function):
        return False
    parameters = inspect.signature(function).parameters.values()
    return all(one.default is not one.empty for one in parameters)
