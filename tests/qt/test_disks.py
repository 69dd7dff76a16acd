"""The disks in the settings: seen, corrected, proven in the background, kept."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.qt import disks as controller_of_disks
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.session import known_disks as module
from sleap_remote_plugin.session.known_disks import How
from sleap_remote_plugin.session.places import Places


@pytest.fixture
def lab(studio, monkeypatch):
    """Ceph and winstor below ``media``, where the profile does not expect them."""
    media = studio.folder / "media"
    for name in ("ceph", "winstor"):
        (media / name).mkdir(parents=True)
    mounts = (Mount("/nowhere/ceph", "/ceph"), Mount("/nowhere/winstor", "/winstor"))
    profile = dataclasses.replace(studio.profile, mounts=mounts)
    session = studio.session
    session.use_profile = lambda p: vars(session).update(profile=p, places=Places(p))
    session.use_profile(profile)
    studio.controller.connection.profile = profile
    studio.controller.profiles = Profiles((profile,), ())
    monkeypatch.setattr(module, "read_mount_table", lambda: ())
    studio.proofs, studio.gate = [], threading.Event()
    studio.gate.set()

    def prove(session, disk):
        studio.proofs.append(disk.local)
        assert studio.gate.wait(20)
        good = disk.local.endswith(disk.cluster)
        how = How.PROVEN if good else How.REFUTED
        return dataclasses.replace(disk, how=how, words="as the cluster says")

    monkeypatch.setattr(controller_of_disks, "prove", prove)
    return studio


def open_settings(lab):
    lab.controller.open_settings()
    dialog = lab.child("remote_settings_dialog")
    dialog.show_page("disks")
    lab.qtbot.waitUntil(lambda: len(dialog.disks.disks) == 2)
    return dialog


def rows(dialog):
    return [(disk.local, disk.how) for disk in dialog.disks.disks]


def correct(lab, dialog, local, cluster="/ceph"):
    dialog.disks.change.click()
    question = lab.child("remote_disk_dialog")
    question.local.setText(str(local))
    question.cluster.setText(cluster)
    question.ok.click()


def test_what_is_not_there_is_said_in_words(lab):
    dialog = open_settings(lab)
    assert rows(dialog) == [("", How.MISSING)] * 2
    assert "looked at /nowhere/ceph" in dialog.disks.says.label.text()
    assert not dialog.disks.try_it.isEnabled()
    assert not dialog.disks.progress.isVisible()
    assert lab.proofs == []
    dialog.reject()


def test_a_correction_guesses_the_other_disk_and_proves_both(lab):
    lab.session.transport.is_connected = True
    dialog = open_settings(lab)
    media = lab.folder / "media"
    correct(lab, dialog, media / "ceph")
    lab.qtbot.waitUntil(lambda: len(lab.proofs) == 2)
    both = [(str(media / n), How.PROVEN) for n in ("ceph", "winstor")]
    lab.qtbot.waitUntil(lambda: rows(dialog) == both)
    lab.qtbot.waitUntil(lambda: not dialog.disks.progress.isVisible())
    dialog.accept()
    lab.qtbot.waitUntil(lambda: lab.controller.profile.source is not None)
    path = lab.controller.profile.source
    written = load_profile(path)
    assert written.mounts[0] == Mount(str(media / "ceph"), "/ceph")
    assert lab.session.profile == written
    local = str(media / "winstor" / "x")
    assert str(lab.session.places.to_cluster(local)) == "/winstor/x"


def test_without_a_connection_a_guess_stays_one_until_try(lab):
    dialog = open_settings(lab)
    correct(lab, dialog, lab.folder / "media" / "ceph")
    lab.qtbot.waitUntil(lambda: rows(dialog)[1][1] is How.GUESSED)
    assert rows(dialog)[0][1] is How.SAID
    assert lab.proofs == []
    dialog.disks.try_it.click()
    lab.qtbot.waitUntil(lambda: rows(dialog)[0][1] is How.PROVEN)
    assert rows(dialog)[1][1] is How.GUESSED
    assert lab.session.transport.is_connected
    dialog.reject()


def test_a_wrong_place_is_told_as_the_proof_says_it(lab):
    dialog = open_settings(lab)
    correct(lab, dialog, lab.folder / "media" / "winstor")
    lab.qtbot.waitUntil(lambda: rows(dialog)[0][1] is How.SAID)
    dialog.disks.try_it.click()
    lab.qtbot.waitUntil(lambda: rows(dialog)[0][1] is How.REFUTED)
    assert dialog.disks.says.label.text() == "as the cluster says"
    dialog.reject()


def test_a_proof_is_not_waited_for(lab):
    lab.session.transport.is_connected = True
    lab.gate.clear()
    dialog = open_settings(lab)
    correct(lab, dialog, lab.folder / "media" / "ceph")
    lab.qtbot.waitUntil(lambda: dialog.disks.progress.isVisible())
    lab.qtbot.waitUntil(lambda: len(lab.proofs) == 1)
    dialog.disks.stop.click()
    assert not dialog.disks.progress.isVisible()
    assert rows(dialog)[0][1] is How.SAID
    lab.gate.set()
    dialog.reject()


def test_a_cancelled_dialog_changes_no_profile(lab):
    dialog = open_settings(lab)
    before = lab.session.profile
    correct(lab, dialog, lab.folder / "media" / "ceph")
    lab.qtbot.waitUntil(lambda: rows(dialog)[0][1] is How.SAID)
    dialog.reject()
    assert lab.session.profile is before
    assert lab.controller.profile is before


@pytest.mark.parametrize(
    ("local", "cluster", "words"),
    [
        ("mnt/ceph", "/ceph", "whole path on this computer"),
        ("Z:ceph", "/ceph", "whole path on this computer"),
        ("/mnt/ceph", "ceph", "whole path on the cluster"),
        ("/mnt/ceph", "/", "whole path on the cluster"),
        ("/mnt/ceph", "/ceph/../x", "whole path on the cluster"),
    ],
)
def test_words_that_are_no_place_cannot_be_taken(lab, local, cluster, words):
    dialog = open_settings(lab)
    dialog.disks.change.click()
    question = lab.child("remote_disk_dialog")
    question.local.setText(local)
    question.cluster.setText(cluster)
    assert words in question.says.label.text()
    assert not question.ok.isEnabled()
    question.reject()
    dialog.reject()


@pytest.mark.parametrize(
    ("typed", "local"),
    [("/mnt/ceph/", "/mnt/ceph"), ("z:", "z:\\"), ("//srv/ceph", "\\\\srv\\ceph\\")],
)
def test_a_place_is_tidied(lab, typed, local):
    dialog = open_settings(lab)
    dialog.disks.add.click()
    question = lab.child("remote_disk_dialog")
    question.local.setText(typed)
    question.cluster.setText("/ceph/")
    assert question.mount() == Mount(local, "/ceph")
    question.reject()
    dialog.reject()


def test_disks_that_cannot_be_looked_at_are_a_sentence(lab, monkeypatch):
    def fail(session):
        raise OSError("no")

    monkeypatch.setattr(controller_of_disks, "known_disks", fail)
    lab.controller.open_settings()
    dialog = lab.child("remote_settings_dialog")
    dialog.show_page("disks")
    lab.qtbot.waitUntil(lambda: "Try again" in dialog.disks.says.label.text())
    dialog.reject()
