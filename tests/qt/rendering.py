"""Renders every window in every state, to be looked at and to be compared.

``python -m tests.qt.rendering FOLDER`` under either generation, with a display:
FOLDER/LOOK/NAME.png. QT_SCALE_FACTOR=2 makes the same at twice the size, on PySide2
5.14 and on PySide6. Two runs give the same pictures, bit for bit.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from tests.qt.looks import (
    DARK,
    LARGE,
    LIGHT,
    Dressed,
    put_away,
    settle,
    still,
    stop_the_clock,
)

LOOKS = {look.name: look for look in (LIGHT, DARK, LARGE)}


def render(folder: Path, look) -> int:
    """One picture for each state and place; returns how many."""
    from tests.qt.windows import every_state

    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with Dressed(look):
        for state in every_state():
            for suffix, width, height in state.places:
                if width is not None:
                    state.widget.resize(width, height)
                state.widget.show()
                settle(120)
                still(state.widget)
                path = folder / "{}{}.png".format(state.name, suffix)
                state.widget.grab().save(str(path))
                count += 1
            put_away(state.widget)
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--look", action="append", choices=sorted(LOOKS))
    arguments = parser.parse_args()
    # A home whose name says nothing of this computer, and no cache in it.
    os.environ["HOME"] = "/home/jane"
    os.environ["QT_FONT_DPI"] = "96"
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = os.environ["MPLCONFIGDIR"] = cache
        from qtpy.QtWidgets import QApplication

        app = QApplication.instance() or QApplication(["sleap"])
        stop_the_clock()
        for name in arguments.look or sorted(LOOKS):
            count = render(arguments.folder / name, LOOKS[name])
            print("{}: {} pictures".format(arguments.folder / name, count))
        app.quit()


if __name__ == "__main__":
    main()
