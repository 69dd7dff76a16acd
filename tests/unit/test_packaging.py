"""What an installation brings along, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
#: What `pip check` says of SLEAP's own packages before the plugin is there.
SLEAPS_OWN = ("sleap", "sleap-io", "sleap-nn", "tensorflow", "hdmf", "ndx-pose")


def _kept_environments():
    sys.path.insert(0, str(CHECKOUT / "resources" / "environments"))
    try:
        import build
    finally:
        sys.path.pop(0)
    root = build.cache_root()
    return list(root.glob("*-*/")) if root.is_dir() else []


#: Looked for at once: tests change the home folder.
KEPT = _kept_environments()


def pip(*words):
    return subprocess.run(
        [sys.executable, "-m", "pip"] + list(words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


@pytest.mark.each_sleap
def test_the_plugin_breaks_no_package_of_sleap():
    """An upgraded pin of SLEAP's would be a conflict that `pip check` names."""
    pytest.importorskip("sleap")
    broken = [
        line
        for line in pip("check").stdout.splitlines()
        if " has requirement " in line
        and line.split()[0].lower() in SLEAPS_OWN
        and _is_ours(line)
    ]
    assert broken == []


def _is_ours(line):
    ours = ("importlib-metadata", "keyring", "jinja2", "pyyaml", "packaging", "psutil")
    return any(name in line.lower() for name in ours)


@pytest.mark.each_sleap
def test_sleaps_packages_are_the_kept_environments_own():
    """Beside an existing SLEAP the plugin adds packages and changes none."""
    here = Path(sys.prefix)
    kept = [path for path in KEPT if file_of_sleap(path) == file_of_sleap(here)]
    if not kept:
        pytest.skip("This environment is no hard-linked copy of a kept one.")
    before, after = packages(kept[0]), packages(here)
    assert {name: after.get(name) for name in before} == before


def file_of_sleap(prefix):
    """Which file on the disk one of SLEAP's is: a hard-linked copy has the same."""
    pattern = "lib/python3*/site-packages/sleap/version.py"
    return [(p.stat().st_dev, p.stat().st_ino) for p in prefix.glob(pattern)]


def packages(prefix):
    found = {}
    for path in prefix.glob("lib/python3*/site-packages/*.dist-info"):
        name, _, version = path.name[: -len(".dist-info")].partition("-")
        found[name.lower()] = version
    return found


def test_the_wheel_holds_the_profiles_the_templates_and_the_guide(tmp_path):
    done = pip("wheel", "-q", "--no-deps", "-w", str(tmp_path), str(CHECKOUT))
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(str(wheel)).namelist()
    needs = ("clusters/swc.yaml", "templates/train.sbatch.j2", "guide/following.md")
    for needed in needs:
        assert "sleap_remote_plugin/resources/" + needed in names
