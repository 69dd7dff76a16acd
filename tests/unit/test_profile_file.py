from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.limits import problems
from sleap_remote_plugin.jobs.paths import MountMap
from sleap_remote_plugin.jobs.profile_file import (
    find_profile,
    load_profile,
    profile_files,
)
from sleap_remote_plugin.shipped import shipped

GOOD = """\
name: lab
login: me@gw:2222
jump: [bastion]
mounts:
  - cluster: /ceph
    local: /mnt/ceph
"""


def profile(folder, text):
    path = folder / "lab.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_short_profile_is_enough(tmp_path):
    found = load_profile(profile(tmp_path, GOOD))
    assert found.login == Address("gw", 2222, "me")
    assert found.jump == (Address("bastion"),)
    assert found.title == "lab"
    assert found.module_pattern == "SLEAP"


def test_this_machine_may_be_the_login_host(tmp_path):
    text = GOOD.replace("me@gw:2222", "null")
    assert load_profile(profile(tmp_path, text)).login is None


@pytest.mark.parametrize(
    ("wrong", "right", "line", "words"),
    [
        ("jump: [bastion]", "jumps: [bastion]", 3, "allowed are name, title, login"),
        ("me@gw:2222", "a b", 2, "expected a host"),
        ("me@gw:2222", "{host: gw, port: 99999}", 2, "from 1 to 65535"),
        ("me@gw:2222", "{hots: gw}", 2, "allowed are host, port, user"),
        ("name: lab", "name: my lab", 1, "no spaces"),
        ("name: lab", "title: lab", 1, "`name` is missing"),
        ("cluster: /ceph", "cluster: ceph", 5, "absolute path"),
        ("jump: [bastion]", "jump: bastion", 3, "expected a list"),
        ("jump: [bastion]", "name: x", 3, "there twice"),
        ("jump: [bastion]", "modules: {pattern: 'a b'}", 3, "such as SLEAP"),
        (
            "jump: [bastion]",
            "modules: {known: [{name: SLEAP/1, sleap: new}]}",
            3,
            "such as 1.3.1",
        ),
        ("jump: [bastion]", "defaults: {train: {old: {}}}", 3, "legacy, current"),
        ("jump: [bastion]", "defaults: {learn: {}}", 3, "train, predict"),
        (
            "jump: [bastion]",
            "defaults: {train: {legacy: {memory: lots}}}",
            3,
            "such as 32G",
        ),
        (
            "jump: [bastion]",
            "defaults: {train: {legacy: {time: 6:00:00}}}",
            3,
            "in quotes",
        ),
        ("jump: [bastion]", "limits: [{time: '1:00'}]", 3, "`partition` is missing"),
        (
            "jump: [bastion]",
            "gpu_advice: [{gpu_type: a, why: b, generation: c}]",
            3,
            "legacy or current",
        ),
    ],
)
def test_a_bad_profile_names_the_line_and_what_is_allowed(
    tmp_path, wrong, right, line, words
):
    path = profile(tmp_path, GOOD.replace(wrong, right))
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    assert str(path) in str(caught.value)
    assert "line {}:".format(line) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- x", "&a *b", "!!python/x y"])
def test_what_is_not_yaml_is_a_sentence(tmp_path, text):
    with pytest.raises(ProfileError, match="line|cannot be read|not YAML"):
        load_profile(profile(tmp_path, text))


@pytest.mark.parametrize("text", ["", "- a", "word", "# only a comment"])
def test_what_is_no_profile_is_a_sentence(tmp_path, text):
    with pytest.raises(ProfileError, match="expected `key: value`"):
        load_profile(profile(tmp_path, text))


def test_bytes_that_are_not_text_are_a_sentence_with_their_line(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_bytes(b"name: lab\ntitle: \x80\xff\n")
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    assert "line 2 has a character that is not in UTF-8." in str(caught.value)
    assert "codec" not in str(caught.value)
    assert caught.value.line == 2


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    path = tmp_path / "lab.yaml"
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    told = "The cluster profile {} cannot be read: No such file or directory."
    assert str(caught.value) == told.format(path)
    assert "FileNotFoundError" in caught.value.detail


def test_the_users_profile_replaces_the_shipped_one(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "sleap_remote_plugin.jobs.profile_file.config_folder", lambda: tmp_path
    )
    (tmp_path / "clusters").mkdir()
    # By its name; what the file is called does not count.
    (tmp_path / "clusters" / "ours.yaml").write_text(GOOD.replace("lab", "swc"))
    assert profile_files()["swc"].parent == tmp_path / "clusters"
    assert find_profile("swc").login.host == "gw"
    with pytest.raises(ProfileError, match="There are: .*swc"):
        find_profile("nope")


# -- the shipped profile -----------------------------------------------------------


def test_the_shipped_profile_is_whole():
    path = shipped("clusters", "swc.yaml")
    found = load_profile(path)
    assert found.jump[0].host == "ssh.swc.ucl.ac.uk"
    assert found.login.host == "hpc-gw2"
    assert {m.generation for m in found.modules} == set(Generation)
    for kind in JobKind:
        for generation in Generation:
            assert (kind, generation) in dict(found.defaults)
            wanted = found.default_resources(kind, generation)
            assert problems(wanted, found.limits) == ()
    text = path.read_text("utf-8")
    for top in ("login", "jump", "user", "mounts", "modules", "defaults", "limits"):
        above = text.split("\n{}:".format(top))[0].splitlines()[-1]
        assert above.startswith("#"), top


@pytest.mark.parametrize(
    "local",
    ["Z:\\lab\\v.mp4", "/mnt/ceph/lab/v.mp4", "/Volumes/ceph/lab/v.mp4"]
    + [r"\\ceph-gw02.hpc.swc.ucl.ac.uk\ceph\lab\v.mp4"],
)
def test_the_shipped_mounts_are_known_on_every_system(local):
    mounts = MountMap(load_profile(shipped("clusters", "swc.yaml")).mounts)
    assert str(mounts.to_cluster(local)) == "/ceph/lab/v.mp4"
