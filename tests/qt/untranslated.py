"""Which of our sentences no catalogue could say in another language.

``python -m tests.qt.untranslated`` builds every window in every state with a catalogue
that has all texts, with accents on their vowels, and prints what is still seen without:
words that stand in the code and were not marked by `words.tr`. A process of its own,
since the language is chosen once.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import sleap_remote_plugin
from sleap_remote_plugin import words

_ACCENTS = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")
#: What a catalogue leaves alone: fields, and marks of HTML and of its characters.
_FIXED = re.compile(r"(\{[^{}]*\}|<[^<>]*>|&\w+;|`[^`]*`|https?://\S+)")
_PLAIN = re.compile(r"[A-Za-z]{2,}(?:[ ,;:'’()-]+[A-Za-z]{2,})*")
#: Four words and more, and the end of a sentence; no pattern, script or line of a log.
_SENTENCE = re.compile(r"(?:[\w{}'’,)-]+ ){3}[\w{}'’)`-]+[.:](?: |$)")
_NO_SENTENCE = re.compile(r"[|\\\n]|%s")
#: Names of files, hosts, modules and options.
_TOKENS = re.compile(r"\S*[/_\\@\u200b0-9.=][^\s.,;:]\S*|-\S+")
#: Said as they are in every language: programs' own words, and units.
_NAMES = {
    "SLEAP", "SLURM", "SSH", "GPU", "GPUs", "CPU", "CPUs", "RAM", "GB", "MB", "KB",
    "TB", "QoS", "Python", "Qt", "HPC", "OKS", "mAP", "sbatch", "squeue", "sacct",
}  # fmt: skip


#: Words in the code that are none of ours: SLURM's and SLEAP's, commands, keys of a
#: profile, a month as the system writes it, Qt's own buttons.
_OTHERS = {
    *("timed out", "centered instance", "uv tool install", "auto", "modules: known"),
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"),
    *("Dec", "Close", "Cancel", "OK"),
}


class Accents:
    """A catalogue that has everything."""

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)

    def gettext(self, text: str) -> str:
        parts = _FIXED.split(text)
        return "".join(
            part if number % 2 else part.translate(_ACCENTS)
            for number, part in enumerate(parts)
        )


def strings(path):
    """What is written out in a file's code, each with whether it goes through `tr`.

    Left out are documentation and what goes into the log.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    marked, left_out = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr):
                left_out.add(id(first.value))
        elif isinstance(node, ast.Call):
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if owner in ("log", "logger"):
                left_out |= {id(one) for one in ast.walk(node)}
            elif getattr(node.func, "id", "") == "tr":
                marked |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in left_out:
            yield node.value, id(node) in marked


def literals(paths) -> str:
    """All that is written out in the code, as one text."""
    return "\n".join(sorted({text for path in paths for text, _ in strings(path)}))


def unmarked(path):
    """Sentences in a file's code that go through no `tr`."""
    for text, is_marked in strings(path):
        if not is_marked and _SENTENCE.search(text) and not _NO_SENTENCE.search(text):
            yield text


def texts(widget):
    """Every text of a window that is seen, shown on a tip, or read out."""
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QAbstractItemView, QComboBox, QTabBar, QWidget

    for one in [widget] + widget.findChildren(QWidget):
        for name in ("text", "title", "placeholderText", "prefix", "suffix"):
            get = getattr(one, name, None)
            if callable(get) and not hasattr(one, "setReadOnly"):
                yield str(get())
        yield one.windowTitle()
        yield one.toolTip()
        yield one.whatsThis()
        yield one.accessibleName()
        yield one.accessibleDescription()
        for action in one.actions():
            yield action.text()
            yield action.toolTip()
        if isinstance(one, QTabBar):
            yield from (one.tabText(i) for i in range(one.count()))
        if isinstance(one, QComboBox):
            yield from (one.itemText(i) for i in range(one.count()))
        if isinstance(one, QAbstractItemView) and one.model() is not None:
            model = one.model()
            for column in range(_columns(model)):
                yield str(model.headerData(column, Qt.Orientation.Horizontal) or "")
                for row in range(model.rowCount()):
                    index = model.index(row, column)
                    for role in (Qt.DisplayRole, Qt.ToolTipRole, Qt.AccessibleTextRole):
                        yield str(index.data(role) or "")


def _columns(model):
    from qtpy.QtCore import QAbstractListModel

    return 1 if isinstance(model, QAbstractListModel) else model.columnCount()


def plain_parts(text: str):
    """Runs of words without an accent, which a catalogue would have given them."""
    for match in _PLAIN.finditer(_TOKENS.sub(" 0 ", re.sub(r"<[^<>]*>", " ", text))):
        run = match.group()
        if set(re.findall(r"[A-Za-z]+", run)) - _NAMES and re.search(
            "[aeiouAEIOU]", run
        ):
            yield run


def main() -> int:
    words._catalogue = Accents()  # type: ignore[assignment]
    from qtpy.QtWidgets import QApplication

    from tests.qt.looks import LIGHT, Dressed, put_away, settle
    from tests.qt.windows import every_state

    app = QApplication.instance() or QApplication(["sleap"])
    written = literals(Path(sleap_remote_plugin.__file__).parent.rglob("*.py"))
    here = Path(__file__).parent
    made_up = literals(  # what the states say of their own
        [here / "screens.py", here / "standins.py", *here.glob("*_states.py")]
    )
    found = {}
    with Dressed(LIGHT):
        for state in every_state():
            state.widget.show()
            settle(10)
            for text in texts(state.widget):
                for run in plain_parts(text):
                    if run in written and run not in made_up and run not in _OTHERS:
                        found.setdefault(run, "{}: {!r}".format(state.name, text[:200]))
            put_away(state.widget)
    for run, where in sorted(found.items()):
        print("{}\t{}".format(run, where))
    app.quit()
    return len(found)


if __name__ == "__main__":
    sys.exit(int(bool(main())))
