"""The script that asks modules for their SLEAP, in a real bash with odd modules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.slurm import modules

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")

# What Environment Modules and Lmod do, as far as the script can see: `load` runs the
# module's own lines and keeps LOADEDMODULES; a broken one says why on stderr.
MODULE = """\
module() {
  local verb=$1; shift
  case $verb in
    purge) unset LOADEDMODULES; PATH=$PLAIN_PATH ;;
    load)
      [ -f "$SHELF/$1" ] || { echo "ERROR: Unable to locate '$1'" >&2; return 1; }
      . "$SHELF/$1" || return 1
      export LOADEDMODULES=$1 ;;
  esac
}
"""


class Shelf:
    """A place for modules and installations, and a shell that has them."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "shelf").mkdir()
        (folder / "tools").mkdir()
        self.plain = os.environ["PATH"]

    def module(self, name, lines):
        path = self.folder / "shelf" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(lines + "\n")

    def write(self, name, text, executable=False):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if executable else 0o644)
        return path

    def environment(self, name, version_py="", metadata="", conda=""):
        """An environment with SLEAP's commands, and what tells its version."""
        packages = name + "/lib/python3.11/site-packages/"
        python = self.folder / name / "bin" / "python"
        # They must not be run: the version is read off files.
        for program in ("sleap", "sleap-train", "sleap-track"):
            text = "#!{}\nraise SystemExit('imported')\n".format(python)
            self.write("{}/bin/{}".format(name, program), text, True)
        self.write(name + "/bin/python", "#!/bin/sh\necho imported >&2\nexit 1\n", True)
        if version_py:
            text = '"""About."""\n__version__ = "{}"\n'.format(version_py)
            self.write(packages + "sleap/version.py", text)
        if metadata:
            text = "Metadata-Version: 2.1\nName: sleap\nVersion: {}\n".format(metadata)
            at = "sleap-{}.dist-info/METADATA".format(metadata)
            self.write(packages + at, text)
        if conda:
            text = '{{\n "name": "sleap",\n "version": "{}"\n}}\n'.format(conda)
            self.write("{}/conda-meta/sleap-{}-0.json".format(name, conda), text)
        # Names that begin alike are other packages.
        text = "Name: sleap-io\nVersion: 0.9.5\n"
        self.write(packages + "sleap_io-0.9.5.dist-info/METADATA", text)
        return 'PATH="{}/bin:$PATH"'.format(self.folder / name)

    def ask(self, *names, each=20, together=60):
        argv = list(modules.ask_modules(names, each, together))
        argv[1] = "-c"  # the start-up files of whoever runs the tests don't matter
        argv[2] = MODULE + argv[2]
        env = {"PATH": self.plain, "PLAIN_PATH": self.plain, "HOME": str(self.folder),
               "SHELF": str(self.folder / "shelf")}  # fmt: skip
        done = subprocess.run(
            argv,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            universal_newlines=True,
            timeout=120,
        )
        assert done.returncode == 0
        return modules.read_answers(done.stdout)

    def one(self, lines, **keywords):
        self.module("SLEAP/1", lines)
        (answer,) = self.ask("SLEAP/1", **keywords)
        return answer.status, answer.version


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"version_py": "1.3.4"}, "1.3.4"),
        ({"metadata": "1.6.3"}, "1.6.3"),
        ({"conda": "1.4.1"}, "1.4.1"),
        # What runs is the package; a leftover beside it is not.
        ({"version_py": "1.6.3", "metadata": "1.5.2"}, "1.6.3"),
        ({"metadata": "1.6.0a2"}, "1.6.0a2"),
    ],
)
def test_the_version_is_read_off_the_environments_files(shelf, files, version):
    assert shelf.one(shelf.environment("env", **files)) == ("ok", version)


def test_a_command_elsewhere_leads_to_its_environment(shelf):
    """As `uv tool install` and admins' links have it."""
    shelf.environment("tools/sleap", metadata="1.6.3")
    (shelf.folder / "bin").mkdir()
    for program in ("sleap", "sleap-train"):
        link = shelf.folder / "bin" / program
        link.symlink_to(shelf.folder / "tools" / "sleap" / "bin" / program)
    assert shelf.one('PATH="{}/bin:$PATH"'.format(shelf.folder)) == ("ok", "1.6.3")


def test_a_copied_command_leads_to_the_environment_of_its_first_line(shelf):
    shelf.environment("env", version_py="1.3.3")
    text = (shelf.folder / "env/bin/sleap-train").read_text()
    shelf.write("bin/sleap-train", text, True)
    assert shelf.one('PATH="{}/bin:$PATH"'.format(shelf.folder)) == ("ok", "1.3.3")


def test_a_first_line_too_long_for_the_system_is_understood(shelf):
    shelf.environment("env", version_py="1.3.3")
    text = "#!/bin/sh\n'''exec' \"{}/env/bin/python3.7\" \"$0\" \"$@\"\n' '''\n"
    shelf.write("bin/sleap-train", text.format(shelf.folder), True)
    assert shelf.one('PATH="{}/bin:$PATH"'.format(shelf.folder)) == ("ok", "1.3.3")


def test_python_finds_what_lies_elsewhere_without_importing_it(shelf):
    shelf.write("src/sleap/__init__.py", "raise SystemExit('imported')\n")
    shelf.write("src/sleap/version.py", "__version__ = '1.4.1'\n")
    shelf.write("bin/sleap-train", "#!/bin/sh\nexit 1\n", True)
    lines = 'export PYTHONPATH="{0}/src"; PATH="{0}/bin:$PATH"'.format(shelf.folder)
    assert shelf.one(lines) == ("ok", "1.4.1")


def test_a_container_is_called_one_and_not_guessed_at(shelf):
    text = '#!/bin/bash\nexec singularity exec /img/sleap-1.3.1.sif sleap-train "$@"\n'
    shelf.write("bin/sleap-train", text, True)
    lines = 'PATH="{}/bin:$PATH"'.format(shelf.folder)
    assert shelf.one(lines) == ("container", "")
    assert shelf.one(lines + "; export EBVERSIONSLEAP=1.3.1") == ("said", "1.3.1")


def test_a_container_behind_a_function_is_called_one(shelf):
    lines = 'sleap-train() { apptainer exec /img/s.sif sleap-train "$@"; }'
    assert shelf.one(lines) == ("container", "")


def test_a_module_without_sleap_is_told(shelf):
    assert shelf.one("export SLEAP_VERSION=1.3.1") == ("none", "")


def test_sleap_without_its_commands_is_told(shelf):
    lines = shelf.environment("env", version_py="1.3.1")
    for name in ("sleap", "sleap-train", "sleap-track"):
        (shelf.folder / "env" / "bin" / name).unlink()
    lines += '; export CONDA_PREFIX="{}/env"'.format(shelf.folder)
    assert shelf.one(lines) == ("bare", "1.3.1")


def test_commands_of_nobody_knows_what_are_unknown(shelf):
    shelf.write("bin/sleap-train", "#!/bin/sh\nexit 1\n", True)
    lines = 'PATH="{}/bin:/usr/bin:/bin"; python() {{ :; }}; python3() {{ :; }}'
    assert shelf.one(lines.format(shelf.folder)) == ("unknown", "")


def test_a_broken_module_is_named_with_its_own_words(shelf):
    shelf.module("SLEAP/2", 'echo "needs cuda/11.8" >&2; false')
    broken, gone = shelf.ask("SLEAP/2", "SLEAP/9")
    assert (broken.name, broken.status) == ("SLEAP/2", "broken")
    assert "needs cuda/11.8" in broken.words
    assert (gone.name, gone.status) == ("SLEAP/9", "broken")
    assert "Unable to locate" in gone.words


def test_a_module_that_hangs_holds_up_none_of_the_others(shelf):
    shelf.module("SLEAP/slow", "sleep 600")
    shelf.module("SLEAP/good", shelf.environment("env", version_py="1.3.1"))
    answers = shelf.ask("SLEAP/slow", "SLEAP/good", each=1)
    assert [one.status for one in answers] == ["slow", "ok"]


def test_who_comes_too_late_is_told(shelf):
    shelf.module("SLEAP/good", shelf.environment("env", version_py="1.3.1"))
    (answer,) = shelf.ask("SLEAP/good", together=0)
    assert answer.status == "late"


def test_what_one_module_does_stays_with_it(shelf):
    shelf.module("SLEAP/a", shelf.environment("a", version_py="1.3.1"))
    shelf.module("SLEAP/b", "export B=1")
    answers = shelf.ask("SLEAP/a", "SLEAP/b")
    assert [one.status for one in answers] == ["ok", "none"]


def test_a_cluster_without_modules_says_so():
    argv = list(modules.ask_modules(["SLEAP"], 5, 5))
    argv[1] = "-c"
    done = subprocess.run(
        argv,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        universal_newlines=True,
        timeout=60,
    )
    assert [one.status for one in modules.read_answers(done.stdout)] == ["nomodule"]


def test_the_script_is_one_for_every_client():
    text = modules.ask_modules((), 1, 1)[2]
    assert "\r" not in text
    assert re.search(r"import sleap\b", text) is None


# -- the list ------------------------------------------------------------------------

TERSE = """\
/ceph/apps/modulefiles:
SLEAP/2023-08-01
SLEAP/2026-05-08(default)
@module-file 1700000000.321 SLEAP/2023-08-01
@module-file 1790000000.400 SLEAP/2026-05-08
"""
LMOD = """\
/opt/apps/modulefiles/Core:
SLEAP/
SLEAP/1.3.4
SLEAP/1.6.3
@module-file 1790000000.99 SLEAP/1.6.3
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TERSE, [("SLEAP/2023-08-01", "1700000000.321"),
                 ("SLEAP/2026-05-08", "1790000000.400")]),
        (LMOD, [("SLEAP/1.3.4", ""), ("SLEAP/1.6.3", "1790000000.99")]),
        ("No module(s) or extension(s) found!\n@module-file x y\n", []),
    ],
)  # fmt: skip
def test_modules_are_listed_with_the_age_of_their_files(text, found):
    assert [tuple(one) for one in modules.read_list(text)] == found


@pytest.mark.parametrize("ending", ["", ".lua"])
def test_a_modules_file_is_found_in_the_folder_it_was_listed_under(tmp_path, ending):
    (tmp_path / "SLEAP").mkdir()
    (tmp_path / "SLEAP" / ("1.6.3" + ending)).write_text("#%Module\n")
    listing = "module() {{ printf '{}:\\nSLEAP/1.6.3(default)\\n' >&2; }}\n"
    argv = list(modules.list_modules("SLEAP"))
    argv[1:] = ["-c", listing.format(tmp_path) + argv[2]]
    done = subprocess.run(
        argv, stdout=subprocess.PIPE, universal_newlines=True, timeout=60
    )
    (one,) = modules.read_list(done.stdout)
    assert one.name == "SLEAP/1.6.3"
    assert re.fullmatch(r"\d+\.9", one.stamp)


@given(st.text())
def test_any_text_is_read(text):
    modules.read_list(text)
    modules.read_answers(text)
    modules.read_answers("@sleap-module SLEAP/1 ok " + text)


def test_a_version_that_is_none_is_not_believed():
    (answer,) = modules.read_answers("@sleap-module SLEAP/1 ok $(reboot)\n")
    assert (answer.status, answer.version) == ("unknown", "")
