"""How the environments are kept and copied: a damaged one is noticed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def build(monkeypatch):
    monkeypatch.syspath_prepend(str(CHECKOUT / "resources" / "environments"))
    import build

    return build


@pytest.fixture
def kept(tmp_path):
    """A small environment: a script that names its folder, a package, a link."""
    folder = tmp_path / "kept"
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").mkdir()
    (folder / "bin" / "tool").write_text("#!{}/bin/python\n".format(folder))
    (folder / "bin" / "tool").chmod(0o755)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text("command = python -m venv {}\n".format(folder))
    (folder / "lib" / "module.py").write_text("x = 1\n")
    return folder


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: (kept / "lib" / "module.py").write_text(""),
        lambda kept: (kept / "lib" / "module.py").write_text("x = 2\n"),
        lambda kept: (kept / "lib" / "module.py").unlink(),
        lambda kept: (kept / "lib" / "other.py").write_text("y = 1\n"),
        lambda kept: (kept / "bin" / "python").unlink(),
    ],
    ids=["truncated", "changed", "missing", "added", "no Python"],
)
def test_a_damaged_environment_is_noticed(build, kept, damage):
    before = build.inventory(kept)
    damage(kept)
    assert build.inventory(kept) != before


def test_byte_code_that_python_writes_is_no_damage(build, kept):
    before = build.inventory(kept)
    (kept / "lib" / "__pycache__").mkdir()
    (kept / "lib" / "__pycache__" / "module.pyc").write_bytes(b"x")
    assert build.inventory(kept) == before


def test_a_copys_scripts_name_the_copy_and_the_kept_one_stays(build, kept, tmp_path):
    before = build.inventory(kept)
    copy = tmp_path / "copy"
    build.copy_linked(kept, copy)
    assert (copy / "bin" / "tool").read_text() == "#!{}/bin/python\n".format(copy)
    assert os.access(str(copy / "bin" / "tool"), os.X_OK)
    assert str(copy) in (copy / "pyvenv.cfg").read_text()
    assert build.inventory(kept) == before


def test_a_copys_files_take_no_second_place_on_the_disk(build, kept, tmp_path):
    build.copy_linked(kept, tmp_path / "copy")
    original, copy = kept / "lib" / "module.py", tmp_path / "copy" / "lib" / "module.py"
    assert original.stat().st_ino == copy.stat().st_ino


def test_a_python_that_is_not_there_is_none(build):
    assert build.find_python(["2.99"]) is None


def test_this_pythons_kind_is_found(build):
    version = "{}.{}".format(*sys.version_info[:2])
    assert build.find_python([version]) is not None


def test_an_environment_without_its_python_is_left_out_in_one_line(build, capsys):
    made = build.Environment(
        "none", ["2.99"], "sleap16.txt", None, "SLEAP 9", "import x"
    )
    assert build.set_up(made) is False
    (line,) = capsys.readouterr().out.splitlines()
    assert "no Python 2.99" in line
    assert "SLEAP 9 is left out" in line
