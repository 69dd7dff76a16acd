"""When the wizard opens, and what its buttons do; the real way is in tests/cluster."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt

from sleap_remote_plugin.errors import Cancelled, ConnectionFailed, MountNotProven
from sleap_remote_plugin.jobs.cluster import Address, config_folder
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.qt import setup_steps
from sleap_remote_plugin.qt.profiles import Profiles, read_profiles
from sleap_remote_plugin.session.check import CheckLine
from sleap_remote_plugin.session.disks import Disks
from tests.qt.standins import StandInSession, Studio, a_profile, password_needed

LAB = Mount("/mnt/lab", "/ceph/lab")
PROVEN = Disks((LAB,), (CheckLine("/mnt/lab", "ok", "Proven."),))
NOTHING = Disks((), (CheckLine("Disks", "fail", "No disk was found."),))


class Looks:
    """Looking at the disks: answers one after the other, the last again and again."""

    def __init__(self):
        self.answers, self.asked = [PROVEN], []

    def __call__(self, session, folder="", given=None):
        self.asked.append((folder, given))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def looks(monkeypatch):
    made = Looks()
    monkeypatch.setattr(setup_steps, "look_at_disks", made)
    return made


def nobody(qtbot, folder):
    """A window whose profile names no user, as a new user's."""
    profile = a_profile(folder, user="")
    studio = Studio(qtbot, folder, Profiles((profile,), ()))
    studio.session.profile, studio.session.user = profile, ""
    return studio


@pytest.fixture
def new(qtbot, home, tmp_path):
    made = nobody(qtbot, tmp_path)
    yield made
    made.close()


def open_wizard(studio):
    studio.controller.menu.entries["remote_setup"].trigger()
    return studio.child("remote_wizard")


def at(studio, wizard, step):
    studio.qtbot.waitUntil(
        lambda: wizard.step == step and (wizard.next.isEnabled() or is_stuck(wizard))
    )


def is_stuck(wizard):
    return wizard.again.isVisible() and wizard.again.isEnabled()


def to_the_end(studio, wizard, user="jane"):
    wizard.next.click()
    at(studio, wizard, "user")
    wizard.user.name.setText(user)
    wizard.next.click()
    at(studio, wizard, "done")


def save(studio, wizard):
    wizard.next.click()
    studio.qtbot.waitUntil(lambda: "is set up" in studio.dock.notice.label.text())


def test_the_first_entry_that_needs_the_cluster_opens_it_once(new):
    new.controller.menu.entries["remote_train"].trigger()
    wizard = new.child("remote_wizard")
    assert new.host.dialogs == []
    wizard.reject()
    new.controller.menu.entries["remote_train"].trigger()
    new.qtbot.waitUntil(lambda: len(new.host.dialogs) == 1)
    assert new.controller.setup.wizard is None


def test_what_was_chosen_is_done_once_the_cluster_is_set_up(new, looks):
    new.controller.menu.entries["remote_train"].trigger()
    wizard = new.child("remote_wizard")
    to_the_end(new, wizard)
    wizard.next.click()
    new.qtbot.waitUntil(lambda: len(new.host.dialogs) == 1)


def test_who_dismisses_it_is_asked_for_the_user_as_before(new):
    open_wizard(new).reject()
    new.controller.in_use.refresh()
    dialog = new.child("remote_user_dialog")
    dialog.name.setText("jane")
    dialog.accept()
    new.qtbot.waitUntil(lambda: new.session.transport.is_connected)


@pytest.mark.parametrize(
    "values",
    [{}, {"user": "", "login": Address("gateway", 22, "jane")}, {"login": None}],
    ids=["user", "user of the login host", "this machine"],
)
def test_a_cluster_whose_user_is_known_needs_no_wizard(qtbot, home, tmp_path, values):
    studio = Studio(qtbot, tmp_path, Profiles((a_profile(tmp_path, **values),), ()))
    studio.controller.menu.entries["remote_train"].trigger()
    assert len(studio.host.dialogs) == 1
    assert studio.dock.begin.text() == "Train..."
    studio.close()


def test_a_user_of_ssh_config_needs_no_wizard(new):
    new.session.user = "jane"
    new.controller.menu.entries["remote_train"].trigger()
    new.qtbot.waitUntil(lambda: len(new.host.dialogs) == 1)
    assert new.controller.setup.wizard is None


def test_a_user_of_ssh_config_is_not_asked_for(new, looks):
    new.session.user = "jane"
    wizard = open_wizard(new)
    wizard.next.click()
    at(new, wizard, "done")
    assert "ssh/config" in wizard.steps.results["user"].text()
    save(new, wizard)
    assert load_profile(config_folder() / "clusters" / "practice.yaml").user == ""


def test_it_ends_in_a_profile_that_the_window_uses(new, looks):
    wizard = open_wizard(new)
    to_the_end(new, wizard, "sam")
    assert not (config_folder() / "clusters").exists()
    save(new, wizard)
    written = load_profile(config_folder() / "clusters" / "practice.yaml")
    assert written.user == "sam"
    assert LAB in written.mounts
    assert new.controller.profile == written
    assert read_profiles().problems == ()


def test_the_dock_shows_the_connection_that_the_wizard_leaves(new, tmp_path):
    left = StandInSession(a_profile(tmp_path, name="other", user="sam"), tmp_path)
    left.connect()
    new.controller.use(left.profile, left)
    new.qtbot.waitUntil(lambda: "connected as sam" in new.dock.connection.text())
    assert left.connects == 1


def test_a_failed_connection_is_a_sentence_and_can_be_tried_again(new, looks):
    new.session.errors = [ConnectionFailed("The gateway is away.")]
    wizard = open_wizard(new)
    wizard.next.click()
    at(new, wizard, "user")
    wizard.user.name.setText("jane")
    wizard.next.click()
    at(new, wizard, "connection")
    assert new.child("remote_wizard_connection").text() == "The gateway is away."
    assert not wizard.next.isEnabled()
    wizard.again.click()
    at(new, wizard, "done")


def test_a_refused_sign_in_leads_back_to_the_user(new, looks):
    new.session.errors = [password_needed()]
    wizard = open_wizard(new)
    wizard.next.click()
    at(new, wizard, "user")
    wizard.user.name.setText("wrong")
    wizard.next.click()
    new.child("remote_password_dialog").reject()
    at(new, wizard, "connection")
    wizard.back.click()
    assert wizard.step == "user"
    wizard.user.name.setText("jane")
    wizard.next.click()
    at(new, wizard, "done")
    assert new.session.user == "jane"


def test_without_a_disk_the_user_can_name_a_folder(new, looks):
    looks.answers = [NOTHING, MountNotProven("Not there either."), PROVEN]
    wizard = open_wizard(new)
    wizard.next.click()
    at(new, wizard, "user")
    wizard.user.name.setText("jane")
    wizard.next.click()
    at(new, wizard, "disks")
    assert "No disk was found." in wizard.disks.found.as_text()
    assert not wizard.disks.prove.isEnabled()
    wizard.disks.local.setText("/mnt/lab/jane")
    wizard.disks.cluster.setText("/ceph/lab/jane")
    wizard.disks.prove.click()
    new.qtbot.waitUntil(lambda: "Not there" in wizard.disks.verdict.label.text())
    wizard.disks.prove.click()
    at(new, wizard, "done")
    given = looks.asked[-1][1]
    assert (given.local, given.cluster) == ("/mnt/lab/jane", "/ceph/lab/jane")


def test_the_open_projects_folder_is_looked_at_first(new, looks):
    wizard = open_wizard(new)
    to_the_end(new, wizard)
    assert looks.asked == [(str(new.folder), None)]


def test_another_cluster_without_a_login_host_cannot_go_on(new):
    wizard = open_wizard(new)
    wizard.cluster.clusters.setCurrentIndex(1)
    assert not wizard.next.isEnabled()
    wizard.cluster.login.setText("not a host")
    wizard.next.click()
    assert "is no host" in new.child("remote_wizard_cluster_says").text()


def test_the_settings_and_the_empty_dock_lead_to_it(new):
    new.controller.open_settings()
    new.child("remote_settings_setup").click()
    new.child("remote_wizard").reject()
    new.controller.show_dock()
    new.child("remote_begin").click()
    assert new.child("remote_wizard").isVisible()


def test_a_password_that_cannot_be_kept_is_told_at_the_end(new, looks):
    new.session.errors = [password_needed()]
    new.session.give_password = lambda *_args: "It is kept in memory only."
    wizard = open_wizard(new)
    wizard.next.click()
    at(new, wizard, "user")
    wizard.user.name.setText("jane")
    wizard.next.click()
    dialog = new.child("remote_password_dialog")
    dialog.answers[0].setText("sesame")
    dialog.accept()
    at(new, wizard, "done")
    assert "It is kept in memory only." in wizard.summary.found.as_text()


def test_it_is_open_once(new):
    wizard = open_wizard(new)
    new.controller.set_up()
    assert new.controller.setup.wizard is wizard
    assert not wizard.isModal()


def test_escape_closes_it_while_something_is_under_way(new, looks):
    new.session.gate.clear()
    looks.answers = [Cancelled("never seen")]
    connect = new.session.connect
    new.session.connect = lambda: (new.session.gate.wait(30), connect())
    wizard = open_wizard(new)
    wizard.next.click()
    at(new, wizard, "user")
    wizard.user.name.setText("jane")
    wizard.next.click()
    new.qtbot.waitUntil(lambda: wizard.step == "connection")
    new.qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    assert not wizard.isVisible()
    assert not (config_folder() / "clusters").exists()


def test_two_profiles_of_one_name_are_told(home):
    folder = config_folder() / "clusters"
    folder.mkdir(parents=True)
    text = "name: lab\nlogin: h\nmounts:\n  - cluster: /ceph\n    local: /mnt\n"
    (folder / "a.yaml").write_text(text)
    (folder / "b.yaml").write_text(text)
    (problem,) = read_profiles().problems
    assert "Two cluster profiles are called lab" in problem
    assert "a.yaml" in problem
    assert "b.yaml" in problem
