"""The first set-up on a real cluster: in a window without SLEAP, and in a terminal.

From nothing (an empty home) to a written profile, each click and each answer counted.
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from demo import hands
from qtpy import QtCore, QtWidgets

from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile, config_folder
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.qt.controller import Controller
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.session.opening import open_session
from tests.cluster.laptop import connect
from tests.qt.standins import StandInHost

pytestmark = pytest.mark.cluster

#: What the issue allows: answers from nothing to a written profile.
MOST_ANSWERS = 8

PROGRAM = Path(sys.executable).with_name("sleap-remote")


class Bench:
    """A window with our menu, and a user who counts what they are asked."""

    def __init__(self, window, practice, fingerprints):
        self.practice = practice
        self.fingerprints = fingerprints
        self.answers = 0
        host = StandInHost(window, Path(practice.local_mount))
        host.open_project = None
        self.profile = ClusterProfile(
            "lab",
            "Lab HPC",
            Address(practice.gateway_host, practice.gateway_port),
            jump=(Address(practice.bastion_host, practice.bastion_port),),
            mounts=(Mount("/mnt/not-here", "/elsewhere"),),
        )
        profiles = Profiles((self.profile,), ())
        self.controller = Controller(host, open_session, profiles)
        self.wizard = None

    def open(self):
        self.controller.menu.entries["remote_setup"].trigger()
        self.wizard = hands.wait_until(
            "the wizard", lambda: hands.visible("remote_wizard"), 10
        )

    def press(self, name):
        self.answers += 1
        hands.click_name(name)

    def be(self, user):
        """Answer the two first steps."""
        self.press("remote_wizard_next")
        hands.wait_until("the user's step", lambda: self.wizard.step == "user", 20)
        self.wizard.user.name.clear()
        hands.type_into(self.wizard.user.name, user)
        self.press("remote_wizard_next")

    def until(self, what, look, password=None):
        """Answer questions, each of them counted, until it is so."""

        def answered():
            dialog = hands.visible("remote_host_key_dialog")
            if dialog is not None:
                assert dialog.error.fingerprint in self.fingerprints
                self.press("remote_trust_host")
                hands.wait_until("it to close", lambda: hands.is_gone(dialog), 20)
            dialog = hands.visible("remote_password_dialog")
            if dialog is not None:
                if password is None and self.is_refused(dialog):
                    return look()
                self.answers += 1
                field = dialog.findChild(QtWidgets.QLineEdit, "remote_password")
                hands.type_into(field, password or self.practice.password)
                hands.press_enter(field)
                hands.wait_until("it to close", lambda: hands.is_gone(dialog), 20)
            return look()

        try:
            return hands.wait_until(what, answered, 60)
        except hands.Stuck as error:
            labels = self.wizard.findChildren(QtWidgets.QLabel)
            shown = [label.text() for label in labels if label.isVisible()]
            raise AssertionError("{}; {}".format(error, shown)) from error

    @staticmethod
    def is_refused(dialog):
        return type(dialog.error).__name__ == "SignInRefused"

    def is_ready(self):
        return self.wizard.step == "done" and self.wizard.next.isEnabled()

    def says(self, step):
        return self.wizard.steps.results[step].text()

    def close(self):
        if self.wizard is not None and not hands.is_gone(self.wizard):
            self.wizard.reject()
        for lane in (self.controller.network, self.controller.files):
            lane.close()


@pytest.fixture
def bench(screen, qtbot, home, whole_practice, fingerprints, monkeypatch):
    for name in ("SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    window = QtWidgets.QMainWindow()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    made = Bench(window, whole_practice, fingerprints)
    yield made
    made.close()


def left_on(practice):
    return list(Path(practice.local_mount).rglob(".remote-proof-*"))


def test_from_nothing_to_a_written_profile_with_few_answers(bench, qtbot):
    bench.open()
    began = time.monotonic()
    bench.be("jane")
    bench.until("the summary", bench.is_ready)
    shown = bench.wizard.summary.found.as_text()
    place = bench.practice.local_mount
    assert "Files written here belong to jane there; you may write." in shown
    assert bench.says("disks") == place
    bench.press("remote_wizard_next")
    qtbot.waitUntil(lambda: hands.is_gone(bench.wizard))
    print("set up in {:.1f} s".format(time.monotonic() - began))
    assert bench.answers <= MOST_ANSWERS
    written = load_profile(config_folder() / "clusters" / "lab.yaml")
    assert written.user == "jane"
    assert Mount(place, bench.practice.cluster_mount) in written.mounts
    assert {m.name for m in written.modules} == set(bench.practice.sleap_versions)
    qtbot.waitUntil(lambda: left_on(bench.practice) == [])  # a look may go on

    # The window goes on with it at once: nobody signs in again.
    lines = []
    bench.controller.connection.call(lambda s: s.check(), lines.extend)
    qtbot.waitUntil(lambda: bool(lines), timeout=60000)
    assert {line.verdict for line in lines} <= {"ok", "warn"}
    assert hands.visible("remote_password_dialog") is None


def test_a_wrong_user_name_is_mended_without_a_restart(bench):
    bench.open()
    bench.be("nobody-here")
    bench.until("the refusal", lambda: bool(hands.visible("remote_password_dialog")))
    dialog = hands.wait_until(
        "the second question",
        lambda: bench.until("it", lambda: refused_dialog(bench)),
        60,
    )
    hands.press_escape(dialog)
    hands.wait_until("the sentence", lambda: bench.wizard.again.isEnabled(), 30)
    assert "cancelled" in hands.visible("remote_wizard_connection").text()
    bench.press("remote_wizard_back")
    hands.wait_until("the user's step", lambda: bench.wizard.step == "user", 10)
    bench.wizard.user.name.clear()
    hands.type_into(bench.wizard.user.name, "jane")
    bench.press("remote_wizard_next")
    bench.until("the summary", bench.is_ready)
    assert bench.says("connection") == "as jane"


def refused_dialog(bench):
    dialog = hands.visible("remote_password_dialog")
    return dialog if dialog is not None and bench.is_refused(dialog) else None


def test_a_gateway_and_a_disk_that_come_back_are_tried_again(bench):
    bench.practice.fail("gateway")
    bench.practice.fail("disk-unmounted")
    bench.open()
    bench.be("jane")
    bench.until("a sentence", lambda: bench.says("connection") or is_told(bench))
    text = hands.visible("remote_wizard_connection").text()
    assert bench.practice.gateway_host in text
    assert "Traceback" not in text
    assert not bench.wizard.next.isEnabled()
    bench.practice.mend("gateway")
    bench.press("remote_wizard_again")
    bench.until("the disks", lambda: bench.wizard.step == "disks")
    hands.wait_until("the answer", lambda: bench.wizard.again.isEnabled(), 60)
    assert bench.practice.local_mount not in bench.says("disks")
    bench.practice.mend("disk-unmounted")
    bench.press("remote_wizard_again")
    bench.until("the summary", bench.is_ready)
    assert bench.says("disks") == bench.practice.local_mount


def is_told(bench):
    return bench.wizard.step == "connection" and bench.wizard.again.isEnabled()


def test_closing_it_while_it_connects_leaves_nothing(bench):
    bench.practice.fail("sshd-frozen")
    bench.open()
    bench.be("jane")
    hands.wait_until("connecting", lambda: bench.wizard.step == "connection", 20)
    hands.press_escape(bench.wizard)
    hands.wait_until("it to close", lambda: hands.is_gone(bench.wizard), 5)
    assert not (config_folder() / "clusters").exists()
    ticks = []
    QtCore.QTimer.singleShot(0, lambda: ticks.append(1))
    hands.wait_until("the window to be alive", lambda: ticks, 5)


# -- the disk, seen by the steps themselves ------------------------------------------


@pytest.fixture
def session(whole_practice, fingerprints, home, monkeypatch):
    """Connected with a profile that knows nothing of disks."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    profile = ClusterProfile(
        "lab",
        "Lab HPC",
        Address(whole_practice.gateway_host),
        (Address(whole_practice.bastion_host),),
        user=whole_practice.user,
    )
    made = open_session(profile)
    connect(made, whole_practice.password, fingerprints)
    yield made
    made.disconnect()


def test_a_folder_of_the_disk_mounted_at_an_unusual_place_is_recognised(
    session, whole_practice, tmp_path
):
    """As /mnt/my_lab for /ceph/scratch/my lab: the cluster is asked for the nonce."""
    from sleap_remote_plugin.session.disks import look_at_disks
    from sleap_remote_plugin.session.mount_table import Candidate

    deep = "{}/scratch/my lab".format(whole_practice.cluster_mount)
    made = whole_practice.run("gateway", ["mkdir", "-p", deep])
    if made.returncode:
        pytest.skip("the user may not make folders on the disk: " + made.stderr)
    mine = tmp_path / "my lab $(touch owned)"
    mine.mkdir()
    under = Path(whole_practice.local_mount) / "scratch" / "my lab"
    subprocess.run(["mount", "--bind", str(under), str(mine)], check=True)
    try:
        found = look_at_disks(session, given=Candidate(str(mine)))
    finally:
        subprocess.run(["umount", "-l", str(mine)], check=True)
        whole_practice.run("gateway", ["rm", "-r", deep])
    assert found.mounts == (Mount(str(mine), deep),), found.lines


def test_a_read_only_disk_is_told_in_words(session, whole_practice):
    from sleap_remote_plugin.session.disks import look_at_disks
    from sleap_remote_plugin.session.mount_table import Candidate

    whole_practice.fail("disk-readonly")
    found = look_at_disks(session, given=Candidate(whole_practice.local_mount))
    assert found.mounts == ()
    assert "Read-only" in found.lines[0].text


# -- the terminal ----------------------------------------------------------------------


class Typist:
    """Somebody at a terminal: waits for words, types answers, counts them."""

    def __init__(self, argv, env):
        self.answers, self.seen = 0, ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(env["HOME"])
            os.execve(argv[0], argv, env)

    def wait_for(self, words, seconds=90):
        end = time.monotonic() + seconds
        while words not in self.seen:
            left = end - time.monotonic()
            assert left > 0, "{!r} did not come:\n{}".format(words, self.seen)
            if select.select([self.terminal], [], [], left)[0]:
                try:
                    self.seen += os.read(self.terminal, 65536).decode("utf-8")
                except OSError:  # the program has ended
                    assert words in self.seen, self.seen
        before, _, self.seen = self.seen.partition(words)
        return before

    def answer(self, words, text=""):
        self.wait_for(words)
        self.answers += 1
        os.write(self.terminal, (text + "\n").encode("utf-8"))

    def exit_code(self):
        while True:
            try:
                if not os.read(self.terminal, 65536):
                    break
            except OSError:
                break
        os.close(self.terminal)
        status = os.waitpid(self.pid, 0)[1]
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1


def test_the_terminal_goes_the_same_way_with_few_answers(
    home, whole_practice, fingerprints
):
    practice = whole_practice
    env = {n: v for n, v in os.environ.items() if not n.startswith("XDG_")}
    for name in ("DISPLAY", "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS"):
        env.pop(name, None)
    env["HOME"] = str(home)
    typist = Typist([str(PROGRAM), "check", "--setup"], env)
    typist.wait_for("another cluster")
    typist.answer("Which cluster?", "2")
    typist.answer("Login host", practice.gateway_host)
    typist.answer("Hosts on the way", practice.bastion_host)
    typist.answer("What do you call it?", "lab")
    typist.answer("User name on", "jane")
    shown = typist.wait_for("[y/N]")
    assert any(fingerprint in shown for fingerprint in fingerprints)
    typist.seen = "[y/N]"
    typist.answer("[y/N]", "y")
    typist.answer("Password: ", practice.password)  # typed after it, or it is lost
    typist.answer("[y/N]", "y")
    said = typist.wait_for("is ready for your jobs.")
    assert typist.exit_code() == 0
    assert "Files written here belong to jane there" in said
    assert typist.answers <= MOST_ANSWERS
    written = load_profile(home / ".config/sleap-remote/clusters/lab.yaml")
    assert Mount(practice.local_mount, practice.cluster_mount) in written.mounts


def test_without_a_terminal_the_set_up_says_so(home):
    env = dict(os.environ, HOME=str(home))
    done = subprocess.run(
        [str(PROGRAM), "check", "--setup"],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr
