"""Every window in every state holds to what `audits.py` says.

Each is built twice in a run: light, as most people have it, and with all that makes a
layout hard. What is found is told by window and widget.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest
from qtpy.QtWidgets import QDialog, QWidget

import sleap_remote_plugin
from sleap_remote_plugin.qt import dialogs
from tests.qt.audits_of_looks import ALL
from tests.qt.looks import HARD, LIGHT, Dressed, come_up, put_away, settle
from tests.qt.windows import every_state

LOOKS = {"light": LIGHT, "hard": HARD}


@pytest.fixture(scope="module")
def findings(qapp):
    """(look, audit) -> sentences, one for each window and widget that fails it.

    ``"seen"`` has the classes of the windows.
    """
    found = {"seen": set()}
    for key, look in LOOKS.items():
        with Dressed(look):
            for state in every_state():
                _audit(state, key, look, found)
    return found


def _audit(state, key, look, found):
    window = state.widget
    # PySide2 5.14 deletes a parent that it hands out and that nobody knows yet.
    known = window.findChildren(QWidget)
    found["seen"].add(type(window))
    for suffix, width, height in state.places:
        if width is not None:
            window.resize(width, height)
        come_up(window)
        settle(10)
        for name, audit in ALL.items():
            said = found.setdefault((key, name), [])
            said += [
                "{}{}: {}".format(state.name, suffix, one)
                for one in audit(window, look)
            ]
    del known
    put_away(window)


@pytest.mark.parametrize("look", sorted(LOOKS))
@pytest.mark.parametrize(
    ("audit", "what"),
    [
        ("names", "every control has a name that is read out, and an objectName"),
        ("tooltips", "every button without words has a tooltip"),
        ("entries", "every entry of a menu has a name, a grey one says why"),
        ("copied", "what is copied is what was said"),
        ("fonts", "a font of one width is as large as the rest"),
        ("followed", "a log that is followed shows its end"),
        ("keyboard", "Tab comes to every control, Shift+Tab goes back"),
        ("cut_text", "no text is cut"),
        ("size", "everything fits: 1280x720, and 360 pixels for the dock"),
        ("mirrored", "right to left everything is mirrored"),
        ("contrast", "words have a contrast of 4.5 or more"),
        ("dark", "nothing is light in a dark palette"),
    ],
)
def test_in_every_window(findings, audit, what, look):
    said = findings[look, audit]
    assert not said, "{}:\n{}".format(what, "\n".join(said))


def test_every_dialog_of_ours_is_among_them(findings):
    """One that is missing gets its states in a file ``*_states.py`` here."""
    ours = set()
    for found in pkgutil.iter_modules(dialogs.__path__, dialogs.__name__ + "."):
        for value in vars(importlib.import_module(found.name)).values():
            is_dialog = isinstance(value, type) and issubclass(value, QDialog)
            if is_dialog and value.__module__ == found.name:
                ours.add(value)
    missing = {one.__name__ for one in ours - findings["seen"]}
    assert missing == set()


def _makes_pictures(path):
    return "QPixmap(" in path.read_text(encoding="utf-8")


def _draws_words(path):
    """Whether a text that stands in the code is painted, rather than a job's name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(call, ast.Call)
        and getattr(call.func, "attr", "") == "drawText"
        and any(isinstance(one, ast.Constant) for one in call.args)
        and any(isinstance(getattr(one, "value", 0), str) for one in call.args)
        for call in ast.walk(tree)
    )


def test_no_picture_of_ours_has_words_in_it():
    """Icons are drawn without text, and no image file comes with the program."""
    package = Path(sleap_remote_plugin.__file__).parent
    drawn = [
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if _makes_pictures(path) and _draws_words(path)
    ]
    images = [p for end in ("png", "svg", "jpg") for p in package.rglob("*." + end)]
    assert (drawn, images) == ([], [])
