"""Names that a share takes for one, and the cluster for two."""

from __future__ import annotations

import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import MountNotProven
from sleap_remote_plugin.session import whole
from sleap_remote_plugin.session.mount import prove_mount
from sleap_remote_plugin.session.spelling import (
    Otherwise,
    alike,
    find_otherwise,
    read_walk,
)
from sleap_remote_plugin.ssh.transport import CommandResult

CAFE, CAFE_APART = "café.mp4", "cafe\u0301.mp4"


@pytest.mark.parametrize(
    ("name", "there", "difference"),
    [
        ("Lab", "lab", "in letter case"),
        (CAFE_APART, CAFE, "in how accents are written"),
        (CAFE, CAFE_APART, "in how accents are written"),
        ("CAFE\u0301", "café", "in letter case and in how accents are written"),
        ("STRASSE", "straße", "in letter case"),
        ("Å", "\u212b", "in how accents are written"),  # the sign for angstrom
    ],
)
def test_what_differs_is_said(name, there, difference):
    assert alike(name, ["other", there]) == there
    error = Otherwise("/ceph/mice", name, there).error()
    assert "differ {}, which".format(difference) in str(error)
    assert "/ceph/mice/{} is called “{}”".format(name, there) in str(error)
    assert "Nothing was submitted" in str(error)
    assert ascii(there) in error.detail


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("a.mp4", ["b.mp4", "a.avi"]),
        ("lab", ["lab", "Lab"]),
        ("cafe.mp4", [CAFE]),  # an accent more is another name
        ("", [""]),
        ("a", []),
    ],
)
def test_what_is_there_or_is_another_name_is_no_misspelling(name, names):
    assert alike(name, names) == ""


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_every_decomposed_name_finds_its_composed_one(text):
    there = unicodedata.normalize("NFC", text)
    name = unicodedata.normalize("NFD", text)
    assert alike(name, [there]) == ("" if name == there else there)


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("", None),
        ("/ceph\0Lab\0lab\0apps\0\0", Otherwise("/ceph", "Lab", "lab")),
        ("/ceph\0gone\0lab\0\0/ceph/lab\0A\0a\0\0", Otherwise("/ceph/lab", "A", "a")),
        ("/ceph\0Lab\0\0", None),
        ("Welcome!", None),
    ],
)
def test_what_the_cluster_says_is_read(printed, found):
    assert read_walk(printed) == found


class Here:
    """Runs the cluster's commands on this machine, whose disk tells cases apart."""

    def run(self, argv, login_shell=True, **_more):
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = (text.decode("utf-8") for text in (done.stdout, done.stderr))
        return CommandResult(tuple(argv), done.returncode, out, err)


@pytest.fixture
def lab(tmp_path):
    folder = tmp_path / "lab's $disk" / "mice"
    folder.mkdir(parents=True)
    (folder / CAFE).write_text("video")
    return folder


def test_the_first_part_that_is_spelled_otherwise_is_found(lab):
    there = str(lab)
    wrong = there.replace("mice", "Mice")
    assert find_otherwise([there, there + "/gone"], Here()) is None
    assert find_otherwise([wrong + "/" + CAFE], Here()) == Otherwise(
        str(lab.parent), "Mice", "mice"
    )
    found = find_otherwise([there + "/gone", there + "/" + CAFE_APART], Here())
    assert found == Otherwise(there, CAFE_APART, CAFE)


def test_a_mount_that_is_not_proven_says_it_where_that_is_why(lab, tmp_path):
    with pytest.raises(MountNotProven, match="differ in letter case"):
        prove_mount(tmp_path, str(lab.parent / "MICE"), Here())
    with pytest.raises(MountNotProven, match="is not .* on the cluster"):
        prove_mount(tmp_path, str(lab.parent / "rats"), Here())


def test_a_jobs_file_of_another_spelling_is_named_without_waiting_for_it(lab):
    (lab / "remote-job.sbatch").write_text("#!/bin/bash\n")
    (lab / CAFE_APART).write_text("video")
    look = whole.Look(lab, str(lab), "#!/bin/bash\n", (CAFE_APART,))
    assert look.is_whole(Here().run(look.argv).stdout)
    (lab / CAFE_APART).unlink()
    with pytest.raises(MountNotProven, match="in how accents are written"):
        look.wait(Here())


def test_a_video_that_the_cluster_spells_otherwise_is_named(lab):
    (lab / "remote-job.sbatch").write_text("#!/bin/bash\n")
    needed = (str(lab / CAFE), str(lab / CAFE_APART), str(lab / "gone.mp4"))
    look = whole.Look(lab, str(lab), "#!/bin/bash\n", (), needed)
    printed = Here().run(look.argv).stdout
    assert look.is_whole(printed)
    assert look.lacks(printed)
    with pytest.raises(MountNotProven, match="in how accents are written"):
        look.check_spelling(Here())
    there = whole.Look(lab, str(lab), "#!/bin/bash\n", (), needed[:1])
    assert not there.lacks(Here().run(there.argv).stdout)
    there.check_spelling(Here())
