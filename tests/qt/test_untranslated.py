"""Every sentence of ours can be said in another language."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(
    sys.version_info < (3, 8), reason="The words are the same: once, beside SLEAP 1.6."
)
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
