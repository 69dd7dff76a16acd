"""The guide: the website's pages, or the shipped ones in a window of our own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, List, Optional

from qtpy.QtCore import Qt, QUrl
from qtpy.QtGui import QColor, QDesktopServices, QTextCharFormat, QTextCursor
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.dialogs.buttons import plain
from sleap_remote_plugin.qt.states import SIGNS, is_dark
from sleap_remote_plugin.shipped import documentation_url, guide_folder
from sleap_remote_plugin.words import tr

FIRST = "index.md"


def open_guide(parent: Optional[QWidget], page: str = FIRST) -> None:
    """Open the website where the package names one, else the shipped pages."""
    url = documentation_url()
    if url:
        QDesktopServices.openUrl(QUrl(url))
        return
    Guide(page, parent).show()


class Guide(QDialog):
    """Reads the guide's Markdown; not modal. Links lead on, *Back* leads back."""

    def __init__(self, page: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_guide")
        self.setWindowTitle(tr("Remote jobs: guide"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 600)
        self._been: List[str] = []
        layout = QVBoxLayout(self)
        self.text = QTextBrowser()
        self.text.setObjectName("remote_guide_text")
        self.text.setAccessibleName(tr("Guide"))
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._on_link)
        layout.addWidget(self.text, 1)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        plain(box)
        box.rejected.connect(self.reject)
        self.back = box.addButton(tr("Back"), QDialogButtonBox.ButtonRole.ActionRole)
        self.back.setObjectName("remote_guide_back")
        self.back.setAutoDefault(False)
        self.back.clicked.connect(self._on_back)
        layout.addWidget(box)
        self.show_page(page)

    def show_page(self, page: str) -> None:
        """Show one of the pages; a name that is none is passed over."""
        folder = guide_folder()
        if folder is None:
            self.text.setPlainText(tr("The guide is not part of this installation."))
            self.back.setEnabled(False)
            return
        names = [path.name for path in folder.glob("*.md")]
        if page not in names:
            return
        self._been.append(page)
        self.back.setEnabled(len(self._been) > 1)
        self.text.document().setBaseUrl(QUrl.fromLocalFile(str(folder) + "/"))
        self.text.setSearchPaths([str(folder)])
        self.text.setMarkdown(_with_what_is_there((folder / page), folder))
        colour_links(self.text)

    def _on_link(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
        else:
            self.show_page(Path(url.path()).name)

    def _on_back(self, *_args: Any) -> None:
        self._been.pop()
        self.show_page(self._been.pop())


def colour_links(text: QTextBrowser) -> None:
    """Have links stand out from the paper, which Qt's own blue does not in the dark."""
    colour = QTextCharFormat()
    colour.setForeground(QColor(SIGNS["busy"][1][is_dark(text.palette())]))
    places, block = [], text.document().begin()
    while block.isValid():
        part = block.begin()
        while not part.atEnd():
            fragment = part.fragment()
            if fragment.charFormat().anchorHref():
                places.append((fragment.position(), fragment.length()))
            part += 1
        block = block.next()
    cursor = QTextCursor(text.document())
    for start, length in places:
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(colour)


def _with_what_is_there(page: Path, folder: Path) -> str:
    """The page's text, without pictures: they are made for a website."""
    text = page.read_text("utf-8")
    return re.sub(r"(?m)^!\[[^\]]*\]\([^)]*\)\n?", "", text)
