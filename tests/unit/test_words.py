"""Texts in the user's language, where a catalogue has them."""

from __future__ import annotations

import importlib
import struct

import pytest

from sleap_remote_plugin import shipped, words


def catalogue(texts):
    """A catalogue as gettext's manual has it: two tables, then the texts."""
    pairs = [(b"", b"Content-Type: text/plain; charset=UTF-8\n")]
    pairs += sorted((a.encode("utf-8"), b.encode("utf-8")) for a, b in texts.items())
    begin = 28 + 16 * len(pairs)
    tables, body = [[], []], b""
    for side in (0, 1):
        for pair in pairs:
            tables[side] += [len(pair[side]), begin + len(body)]
            body += pair[side] + b"\0"
    count = len(pairs)
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, begin)
    return head + struct.pack("<%dI" % (4 * count), *tables[0], *tables[1]) + body


@pytest.fixture
def german(tmp_path, monkeypatch):
    """The words as they are once a system speaks German, and has this catalogue."""
    folder = tmp_path / "locale" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "sleap_remote_plugin.mo").write_bytes(
        catalogue({"Train...": "Trainieren …", "frame\0frames": "Bild\0Bilder"})
    )
    monkeypatch.setattr(shipped, "shipped", lambda *parts: tmp_path.joinpath(*parts))
    monkeypatch.setenv("LANGUAGE", "de")
    yield importlib.reload(words)
    monkeypatch.undo()
    importlib.reload(words)


def test_without_a_catalogue_a_text_is_as_it_stands_in_the_code():
    assert words.tr("Train...") == "Train..."


def test_a_catalogue_says_it_in_the_systems_language(german):
    assert german.tr("Train...") == "Trainieren …"


def test_what_a_catalogue_lacks_stays_english(german):
    assert german.tr("Predict...") == "Predict..."


def test_a_count_takes_its_plural_from_the_catalogue(german):
    assert german.counted(1, "frame") == "1 Bild"
    assert german.counted(1200, "frame") == "1,200 Bilder"


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 frames"), (1, "1 frame"), (1200, "1,200 frames")]
)
def test_a_count_in_english(count, said):
    assert words.counted(count, "frame") == said
