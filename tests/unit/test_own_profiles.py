"""The user's profiles as texts: begun, kept, given to the lab, taken away."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import config_folder
from sleap_remote_plugin.jobs.own_profiles import (
    blank_profile,
    change_of,
    keep_text,
    put_back,
    take_away,
)
from sleap_remote_plugin.jobs.profile_file import (
    load_profile,
    profile_files,
    read_profile,
    text_of,
)
from sleap_remote_plugin.jobs.profile_sharing import shared_text
from sleap_remote_plugin.shipped import shipped

MINE = """\
# jane's own, ask jane.doe or jane
name: lab
title: The lab
login: jane@gw:2222
jump: [bastion, {host: inner, user: jane}]
user: jane   # that is jane
mounts:
  - cluster: /ceph/lab/jane
    local: [/home/jane/ceph, 'C:\\Users\\jane\\ceph', /mnt/janet]
defaults:
  train:
    current: {partition: gpu, mail: jane@lab.example}
contact: the help desk
"""


@pytest.fixture
def folder(home):
    made = config_folder() / "clusters"
    made.mkdir(parents=True)
    return made


def named(name, title="A"):
    return (
        "name: {}\ntitle: {}\nlogin: gw\nmounts: [{{cluster: /d, local: /m}}]\n".format(
            name, title
        )
    )


def test_a_blank_profile_is_one_under_a_name_that_is_free(folder):
    (folder / "my-cluster.yaml").write_text(named("my-cluster"))
    change = change_of(blank_profile())
    assert change.profile.name == "my-cluster-2"
    assert not change.before
    keep_text(change)
    assert load_profile(folder / "my-cluster-2.yaml") == change.profile


def test_what_is_wrong_is_told_with_its_line(folder):
    with pytest.raises(ProfileError) as told:
        change_of(named("lab").replace("login: gw", "login: not a host"))
    assert told.value.line == 3
    assert "expected a host" in told.value.what
    with pytest.raises(ProfileError) as told:
        change_of("name: [\n")
    assert told.value.line == 2


def test_a_change_keeps_the_old_file_and_a_name_belongs_to_one_file(folder):
    path = folder / "lab.yaml"
    path.write_text(named("lab"))
    written = keep_text(change_of(named("lab", "New"), path))
    assert load_profile(path).title == "New"
    assert load_profile(written.backup).title == "A"
    (folder / "other.yaml").write_text(named("other"))
    with pytest.raises(ProfileError, match="called lab already"):
        change_of(named("lab"), folder / "other.yaml")


def test_a_shipped_profile_is_stood_in_for_and_never_touched(folder):
    source = shipped("clusters", "swc.yaml")
    before = text_of(source)
    change = change_of(before.replace("SWC HPC", "Mine"))
    assert change.path == folder / "swc.yaml"
    assert "-title: SWC HPC" in change.difference()
    keep_text(change)
    assert profile_files()["swc"] == change.path
    with pytest.raises(ProfileError, match="came with the program"):
        take_away(source)
    assert text_of(source) == before


def test_what_was_taken_away_can_be_put_back(folder):
    path = folder / "lab.yaml"
    path.write_text(named("lab"))
    gone = take_away(path)
    assert "lab" not in profile_files()
    put_back(gone, path)
    assert profile_files()["lab"] == path
    gone = take_away(path)
    path.write_text(named("lab"))
    with pytest.raises(ProfileError, match="is there again"):
        put_back(gone, path)
    assert gone.exists()


def test_a_file_for_the_lab_has_nothing_of_its_user():
    profile = read_profile(MINE, Path("lab.yaml"))
    shared = shared_text(MINE, profile, ("", "jane.doe", getpass.getuser()))
    assert "jane" not in shared.text.replace("janet", "")
    assert "the help desk" in shared.text
    found = read_profile(shared.text, Path("lab.yaml"))
    assert (found.login.host, found.login.port, found.login.user) == ("gw", 2222, "")
    assert found.mounts[0].cluster == "/ceph/lab/USER"
    assert [mount.local for mount in found.mounts] == [
        "/home/USER/ceph",
        "C:\\Users\\USER\\ceph",
        "/mnt/janet",
    ]
    assert shared.left_out == (
        "user names",
        "your name in the disks' paths",
        "your e-mail address",
    )


def test_a_profile_without_a_user_is_shared_as_it_stands():
    text = text_of(shipped("clusters", "swc.yaml"))
    profile = read_profile(text, Path("swc.yaml"))
    assert shared_text(text, profile, ("somebody-else",)) == (text, ())


@given(st.text("jane_dox", min_size=1, max_size=8))
def test_no_users_name_is_left_in_a_path(name):
    text = named("lab").replace("/m", "'/home/{}/m'".format(name))
    text += "user: {!r}\n".format(name)
    profile = read_profile(text, Path("lab.yaml"))
    shared = shared_text(text, profile, ())
    mounts = read_profile(shared.text, Path("lab.yaml")).mounts
    assert mounts[0].local == "/home/USER/m"
