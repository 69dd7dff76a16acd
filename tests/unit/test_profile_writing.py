from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import (
    Address,
    ClusterProfile,
    SleapModule,
    config_folder,
    is_user_name,
)
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.jobs.profile_writing import (
    changed,
    profile_path,
    profile_text,
    write_profile,
)
from sleap_remote_plugin.shipped import shipped

MINE = """\
# my own notes
name: lab
login: gw

# about the disks
mounts:
  - cluster: /ceph   # the big one
    local: [/mnt/ceph]
  # the small one
  - {cluster: /win, local: /mnt/win}

# who I am
user: old
# the end
"""

LAB = Mount("/mnt/my lab", "/ceph/lab")


@pytest.fixture
def folder(home):
    made = config_folder() / "clusters"
    made.mkdir(parents=True)
    return made


def new_profile(**values):
    made = ClusterProfile(
        "lab", "Lab", Address("gw", 2222), (Address("b", 22, "me"),), mounts=(LAB,)
    )
    return dataclasses.replace(made, **values)


def test_a_new_cluster_is_written_and_read_back_the_same(home):
    profile = new_profile(user="jane", modules=(SleapModule("SLEAP/1", "1.3.1"),))
    path, backup = write_profile(profile)
    assert path == config_folder() / "clusters" / "lab.yaml"
    assert backup is None
    assert load_profile(path) == dataclasses.replace(profile, source=path)


def test_the_shipped_profile_becomes_the_users_own_with_all_its_comments(home):
    before = shipped("clusters", "swc.yaml")
    profile = load_profile(before)
    mounts = (LAB,) + profile.mounts
    path, _ = write_profile(dataclasses.replace(profile, user="jane", mounts=mounts))
    written = load_profile(path)
    assert (written.user, written.mounts) == ("jane", mounts)
    assert written.defaults == profile.defaults
    assert written.gpu_advice == profile.gpu_advice
    text = path.read_text("utf-8")
    for line in before.read_text("utf-8").splitlines():
        if line.startswith("#"):
            assert line in text


def test_the_users_file_is_kept_beside_and_its_comments_stay(folder):
    path = folder / "mine.yaml"
    path.write_text(MINE)
    profile = dataclasses.replace(load_profile(path), user="jane")
    written, backup = write_profile(profile)
    assert written == path
    assert backup.read_text() == MINE
    assert path.read_text() == MINE.replace("user: old", "user: jane")


def test_changed_disks_keep_the_comments_around_them(folder):
    path = folder / "mine.yaml"
    path.write_text(MINE)
    profile = load_profile(path)
    write_profile(dataclasses.replace(profile, mounts=(LAB,) + profile.mounts))
    text = path.read_text()
    assert load_profile(path).mounts[0] == LAB
    for comment in ("# my own notes", "# about the disks", "# who I am", "# the end"):
        assert comment in text


def test_each_backup_is_kept(folder):
    path = folder / "mine.yaml"
    path.write_text(MINE)
    for user in ("a", "b"):
        write_profile(dataclasses.replace(load_profile(path), user=user))
    kept = sorted(one.name for one in folder.glob("*.bak*"))
    assert kept == ["mine.yaml.bak", "mine.yaml.bak2"]
    assert (folder / "mine.yaml.bak").read_text() == MINE


def test_what_is_written_already_is_not_written_again(folder):
    path = folder / "mine.yaml"
    path.write_text(MINE)
    before = path.stat().st_mtime_ns
    assert write_profile(load_profile(path)).backup is None
    assert path.stat().st_mtime_ns == before
    assert [one.name for one in folder.iterdir()] == ["mine.yaml"]


def test_a_file_that_holds_another_cluster_is_left_alone(folder):
    (folder / "lab.yaml").write_text(MINE.replace("name: lab", "name: other"))
    path, backup = write_profile(new_profile())
    assert (path.name, backup) == ("lab-2.yaml", None)


def test_a_broken_file_is_kept_beside_the_new_one(folder):
    (folder / "lab.yaml").write_text("name: [")
    path, backup = write_profile(new_profile())
    assert path.name == "lab.yaml"
    assert backup.read_text() == "name: ["
    assert load_profile(path).name == "lab"


def test_a_folder_that_cannot_be_written_is_a_sentence(home):
    config_folder().parent.mkdir(parents=True)
    config_folder().write_text("a file where the folder should be")
    with pytest.raises(ProfileError, match="could not be written"):
        write_profile(new_profile())


@pytest.mark.parametrize("user", ["a\nb", "a\x00b", "\x1b[31m"])
def test_what_a_profile_may_not_hold_is_not_written(folder, user):
    with pytest.raises(ProfileError):
        write_profile(new_profile(user=user))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "{name: lab, login: gw, mounts: [{cluster: /c, local: /m}]}",
        "name: lab\nlogin: gw\nmounts: [{cluster: /c, local: /m}]",
        "---\nname: lab\nlogin: gw\nmounts:\n- {cluster: /c, local: /m}\n...\n",
        'user: "x"\n"name": lab\nlogin: gw\nmounts: &a [{cluster: /c, local: /m}]\n',
    ],
)
def test_any_way_of_writing_yaml_can_be_changed(folder, text):
    path = folder / "lab.yaml"
    path.write_text(text)
    profile = load_profile(path)
    write_profile(dataclasses.replace(profile, user="jane", mounts=(LAB,)))
    written = load_profile(path)
    assert (written.name, written.user, written.mounts) == ("lab", "jane", (LAB,))


PLAIN = st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp"))
WORDS = st.text(PLAIN, min_size=1, max_size=30).map(lambda s: "/" + s.strip("/"))


USERS = st.text(PLAIN, max_size=20).filter(lambda s: not s or is_user_name(s))


@given(user=USERS, local=WORDS, cluster=WORDS)
def test_any_text_comes_back_as_it_was(tmp_path_factory, user, local, cluster):
    place = tmp_path_factory.getbasetemp() / "any.yaml"
    mount = Mount(local, cluster.rstrip("/") or "/")
    text = profile_text(new_profile(user=user, mounts=(mount,)))
    place.write_bytes(text.encode("utf-8"))
    found = load_profile(place)
    assert (found.user, found.mounts) == (user, (mount,))


def test_a_change_that_cannot_be_made_line_by_line_loses_comments_only():
    text = "a: {b: 1, # here\n  c: 2} # there\nd: 3\n"
    assert "d: 3" in changed(text, {"a": [1]})


def test_the_path_of_a_shipped_profile_is_the_users_folder(home):
    profile = load_profile(shipped("clusters", "swc.yaml"))
    assert profile_path(profile) == config_folder() / "clusters" / "swc.yaml"
