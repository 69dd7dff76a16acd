"""Every sentence of ours can be said in another language."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sleap_remote_plugin
from tests.qt.untranslated import unmarked

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 8), reason="The words are the same: once, beside SLEAP 1.6."
)
#: Rooms that speak English only; sentences that no user reads; a line of a file.
_ENGLISH = ("cli", "launch.py")
_NOT_SHOWN = {
    "A secret is never pickled or copied.",
    "The channel is closed.",
    "- frames with labels: {}",
}


def test_every_sentence_in_the_code_goes_through_tr():
    """Those that no window shows by itself too: errors, and what is seen seldom."""
    root = Path(sleap_remote_plugin.__file__).parent
    found = [
        (str(path.relative_to(root)), sentence)
        for path in root.rglob("*.py")
        if path.relative_to(root).parts[0] not in _ENGLISH
        for sentence in unmarked(path)
        if sentence not in _NOT_SHOWN
    ]
    assert found == []


def test_no_window_shows_words_that_no_catalogue_can_change():
    """A process of its own: the language is chosen once, when the words are read."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.qt.untranslated"],
        cwd=str(Path(__file__).resolve().parents[2]),
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=300,
    )
    assert (done.stdout, done.returncode) == ("", 0), done.stderr[-2000:]
