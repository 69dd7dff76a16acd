"""The ordinary sleap-label gets our menu, and loses it again; nothing else changes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.sleap_host import autoload

# Run by Python itself at every start, as a .pth file: waits for the window, writes
# what is in its Predict menu, and closes it.
PROBE = """
import os, sys
class Probe:
    def find_spec(self, name, path=None, target=None):
        if name != "sleap.gui.app":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec
        spec = find_spec(name)
        execute = spec.loader.exec_module
        def exec_module(module):
            execute(module)
            from qtpy import QtCore, QtWidgets
            shown = module.MainWindow.showMaximized
            def showMaximized(self):
                shown(self)
                QtCore.QTimer.singleShot(500, lambda: report(self, 300))
            def report(window, tries):
                menu = window._menu_actions["training"].parent()
                ours = window.findChildren(QtWidgets.QMenu, "remote_menu")
                dock = window.findChild(QtWidgets.QDockWidget, "remote_dock")
                if dock and not ours and tries:  # it follows in a moment
                    again = lambda: report(window, tries - 1)
                    QtCore.QTimer.singleShot(100, again)
                    return
                with open(os.environ["PROBE_REPORT"], "w") as file:
                    file.write("%s %s" % (len(ours), window.state["filename"]))
                window.state["has_changes"] = False
                QtWidgets.QApplication.instance().quit()
            module.MainWindow.showMaximized = showMaximized
        spec.loader.exec_module = exec_module
        return spec
sys.meta_path.insert(0, Probe())
"""

# A controller small enough to stand in for qt.controller, which has its own tests.
STAND_IN = """
from qtpy import QtWidgets
def attach(host):
    menu = QtWidgets.QMenu("Run on Practice", host.window)
    menu.setObjectName("remote_menu")
    menu.addAction("Train...")
    host.add_menu(menu)
    return menu
"""


def test_enable_says_what_it_wrote_and_disable_takes_it_away(tmp_path):
    (tmp_path / "other.pth").write_text("")
    written = autoload.enable(tmp_path)
    assert {path.name for path in written} == {
        "zz_sleap_remote.pth",
        "_sleap_remote_boot.py",
    }
    assert all(path.is_file() for path in written)
    assert autoload.status(tmp_path).enabled
    assert set(autoload.disable(tmp_path)) == set(written)
    assert [path.name for path in tmp_path.iterdir()] == ["other.pth"]
    assert not autoload.status(tmp_path).enabled


def test_enabling_and_disabling_twice_is_harmless(tmp_path):
    autoload.enable(tmp_path)
    autoload.enable(tmp_path)
    autoload.disable(tmp_path)
    assert autoload.disable(tmp_path) == ()


def test_a_folder_that_cannot_be_written_to_is_a_sentence(tmp_path):
    with pytest.raises(RemoteError, match="sleap-remote label"):
        autoload.enable(tmp_path / "not there")


def run_python(folder, code):
    """Python with `folder` as a site folder."""
    start = "import site; site.addsitedir({!r}); ".format(str(folder))
    return subprocess.run(
        [sys.executable, "-S", "-c", start + code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=60,
    )


def test_the_boot_module_imports_nothing_but_sys(tmp_path):
    autoload.enable(tmp_path)
    done = run_python(
        tmp_path,
        "import sys; print([m for m in sys.modules if m in"
        " ('importlib.util', 'traceback', 'sleap_remote_plugin', 'sleap')]);"
        " print('_sleap_remote_boot' in sys.modules)",
    )
    assert done.stdout.split("\n")[:2] == ["[]", "True"]
    assert done.stderr == ""


def test_other_pythons_start_as_fast_as_before(tmp_path):
    autoload.enable(tmp_path)
    code = (
        "import sys, time; sys.path.insert(0, {!r}); t = time.perf_counter();"
        " import _sleap_remote_boot; print(time.perf_counter() - t)"
    ).format(str(tmp_path))
    best = min(
        float(subprocess.check_output([sys.executable, "-S", "-c", code]))
        for _ in range(5)
    )
    assert best < 0.003


def test_python_starts_silently_when_the_boot_module_is_gone(tmp_path):
    autoload.enable(tmp_path)
    (tmp_path / autoload.BOOT_NAME).unlink()
    done = run_python(tmp_path, "print('here')")
    assert (done.stdout.strip(), done.stderr) == ("here", "")


def test_sleap_starts_silently_when_the_plugin_was_uninstalled(tmp_path):
    autoload.enable(tmp_path)
    package = tmp_path / "sleap" / "gui"
    package.mkdir(parents=True)
    for name in ("sleap/__init__.py", "sleap/gui/__init__.py"):
        (tmp_path / name).write_text("")
    (package / "app.py").write_text("class MainWindow: pass\n")
    done = run_python(
        tmp_path, "import sleap.gui.app as a; print(a.MainWindow.__name__)"
    )
    assert (done.stdout.strip(), done.stderr) == ("MainWindow", "")


# -- with the real programs ----------------------------------------------------------


def console_script(name):
    path = Path(sys.executable).parent / name
    if not path.is_file():
        pytest.skip("there is no {} in this environment".format(name))
    return str(path)


@pytest.fixture
def start(screen, sleap_home, tmp_path, request):
    """Start a program with `tmp_path/site` as a site folder; its menu's report."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "probe_boot.py").write_text(PROBE)
    (site / "a_probe.pth").write_text("import probe_boot\n")
    stand_in = site / "stand_in"
    stand_in.mkdir()
    (stand_in / "controller.py").write_text(STAND_IN)
    (site / "b_stand_in.pth").write_text("import stand_in_boot\n")
    (site / "stand_in_boot.py").write_text(
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name != 'sleap_remote_plugin.qt.controller': return None\n"
        "        from importlib.util import spec_from_file_location\n"
        "        return spec_from_file_location(name, {!r})\n"
        "sys.meta_path.insert(0, Finder())\n".format(str(stand_in / "controller.py"))
    )
    # A sitecustomize is the one way to add a site folder without writing to the
    # environment, and it survives SLEAP's re-execution.
    custom = tmp_path / "custom"
    custom.mkdir()
    (custom / "sitecustomize.py").write_text(
        "import site; site.addsitedir({!r})\n".format(str(site))
    )

    def run(*argv):
        report = tmp_path / "report.txt"
        if report.exists():
            report.unlink()
        environment = dict(os.environ, PROBE_REPORT=str(report))
        environment["PYTHONPATH"] = str(custom)
        # As the user starts it: SLEAP 1.6 then runs itself anew.
        environment.pop("SLEAP_SKIP_QT_FIX", None)
        environment["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
        process = subprocess.Popen(
            argv,
            env=environment,
            cwd=str(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        until = time.monotonic() + 120
        try:
            output, _ = process.communicate(timeout=until - time.monotonic())
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        assert report.is_file(), output.decode("utf-8", "replace")
        menus, _, filename = report.read_text().partition(" ")
        return int(menus), filename

    run.site = site
    return run


@pytest.mark.sleap
def test_the_ordinary_sleap_label_has_the_menu_after_enable_only(start, project):
    script = console_script("sleap-label")
    assert start(script, str(project)) == (0, str(project))
    autoload.enable(start.site)
    assert start(script, str(project)) == (1, str(project))
    autoload.disable(start.site)
    assert start(script) == (0, "None")


@pytest.mark.sleap
def test_sleap_label_with_a_space_has_it_too(start, project):
    script = console_script("sleap")
    autoload.enable(start.site)
    assert start(script, "label", str(project)) == (1, str(project))


@pytest.mark.sleap
def test_sleap_remote_label_survives_sleaps_re_execution(start, project):
    script = console_script("sleap-remote")
    assert start(script, "label", str(project)) == (1, str(project))


@pytest.mark.sleap
def test_enabled_and_started_by_us_there_is_one_menu(start, project):
    script = console_script("sleap-remote")
    autoload.enable(start.site)
    assert start(script, "label", str(project)) == (1, str(project))


def test_without_sleap_label_says_so(tmp_path, capsys, monkeypatch):
    from sleap_remote_plugin import launch

    monkeypatch.setitem(sys.modules, "sleap", None)
    assert launch.main([]) == 1
    assert "SLEAP is not installed" in capsys.readouterr().err
