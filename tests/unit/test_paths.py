r"""Both directions, each system's spelling, on any system: text only.

Python's own PureWindowsPath and PurePosixPath say what is the same path.
"""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.names import windows_refuses
from sleap_remote_plugin.jobs.paths import Mount, MountMap, readings

WINDOWS = ("Z:\\", "\\\\srv\\ceph", "W:\\data\\ceph", "\\\\srv\\share$\\labs\\ceph")
POSIX = ("/Volumes/ceph", "/mnt/ceph", "/Users/jo/ceph", "/net/gw/exports/ceph")
SPELLINGS = WINDOWS + POSIX
ALL = MountMap(tuple(Mount(s, "/ceph") for s in SPELLINGS))


def fits(name):
    return name not in (".", "..") and "/" not in name and "\0" not in name


ANY_NAME = st.one_of(
    st.text(min_size=1, max_size=12),
    st.sampled_from(
        [
            "a b.mp4",
            "back\\slash",
            "C:evil",
            "dot.",
            "space ",
            "new\nline",
            "鼠" * 85,
            "x" * 255,
            "🐭.mp4",
            "$HOME `id` 'q' \"q\"",
            unicodedata.normalize("NFC", "Mäuse é"),
            unicodedata.normalize("NFD", "Mäuse é"),
            "con",
            "...",
            "\udcff",
            "-rf",
            "~",
        ]
    ),
).filter(fits)
WINDOWS_NAME = ANY_NAME.filter(lambda name: not windows_refuses(name))


@pytest.mark.parametrize(
    "local",
    [
        r"Z:\lab\a b.mp4",
        r"z:\lab\a b.mp4",
        "Z:/lab/a b.mp4",
        r"Z:\\lab\.\a b.mp4",
        r"Z:\x\..\lab\a b.mp4",
        r"\\?\Z:\lab\a b.mp4",
        "//?/Z:/lab/a b.mp4",
        r"\\.\z:\lab\a b.mp4",
        r"\\srv\ceph\lab\a b.mp4",
        r"\\SRV\Ceph\lab\a b.mp4",
        r"\\?\UNC\srv\ceph\lab\a b.mp4",
        r"\\?\unc\SRV\CEPH\lab\a b.mp4",
        "//srv/ceph/lab/a b.mp4",
        r"w:\DATA\Ceph\lab\a b.mp4",
        r"\\srv\share$\labs\ceph\lab\a b.mp4",
        "/Volumes/ceph/lab/a b.mp4",
        "/volumes/CEPH/lab/a b.mp4",
        "/mnt/ceph/lab/a b.mp4",
        "//mnt/ceph//lab/./a b.mp4",
        "/Users/jo/ceph/lab/a b.mp4",
        "/net/gw/exports/ceph/lab/a b.mp4",
    ],
)
def test_every_spelling_is_the_same_place_on_the_cluster(local):
    assert ALL.to_cluster(local) == PurePosixPath("/ceph/lab/a b.mp4")


@pytest.mark.parametrize("spelling", WINDOWS)
@given(parts=st.lists(WINDOWS_NAME, min_size=1, max_size=5))
def test_on_windows_local_and_cluster_are_exact_inverses(spelling, parts):
    mounts = MountMap((Mount(spelling, "/ceph"), Mount("V:\\", "/winstor")))
    cluster = "/ceph/" + "/".join(parts)
    local = mounts.to_local(cluster)
    assert PureWindowsPath(local) == PureWindowsPath(spelling).joinpath(*parts)
    assert str(mounts.to_cluster(local)) == cluster
    for same in (local.replace("\\", "/"), extended(local)):
        assert str(mounts.to_cluster(same)) == cluster


def extended(local):
    r"""The long form: ``\\?\Z:\...`` or ``\\?\UNC\server\...``."""
    if local.startswith("\\\\"):
        return "\\\\?\\UNC\\" + local[2:]
    return "\\\\?\\" + local


@pytest.mark.parametrize("spelling", POSIX)
@given(parts=st.lists(ANY_NAME, min_size=1, max_size=5))
def test_elsewhere_any_name_at_all_comes_back_as_it_was(spelling, parts):
    mounts = MountMap((Mount(spelling, "/ceph"), Mount("/elsewhere", "/winstor")))
    cluster = "/ceph/" + "/".join(parts)
    local = mounts.to_local(cluster)
    assert local == spelling + "/" + "/".join(parts)
    assert str(mounts.to_cluster(local)) == cluster


@given(parts=st.lists(ANY_NAME, min_size=1, max_size=5))
def test_from_windows_a_cluster_path_is_the_same_text_or_refused_by_name(parts):
    mounts = MountMap((Mount("Z:\\", "/ceph"),))
    cluster = "/ceph/" + "/".join(parts)
    local, reason = mounts.to_local(cluster), mounts.windows_cannot(cluster)
    assert (local is None) == bool(reason)
    if local is None:
        assert any("“{}”".format(part) in reason for part in parts)
    else:
        assert str(mounts.to_cluster(local)) == cluster


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.", "ends with a dot"),
        ("a ", "ends with a space"),
        ("..\\..\\x", "character \\"),
        ("C:evil", "character :"),
        ("x.slp:stream", "character :"),
        ("what?", "character ?"),
        ("a\nb", "control character"),
        ("...", "dots or spaces only"),
        ("con", "CON is a device"),
        ("Nul.predictions.slp", "NUL is a device"),
        ("com1 .txt", "COM1 is a device"),
    ],
)
def test_what_windows_would_take_for_another_file_is_never_given(name, words):
    mounts = MountMap((Mount("Z:\\", "/ceph"),))
    assert mounts.to_local("/ceph/lab/" + name) is None
    assert words in mounts.windows_cannot("/ceph/lab/" + name)
    assert MountMap((Mount("/mnt/c", "/ceph"),)).windows_cannot("/ceph/" + name) == ""


@pytest.mark.parametrize("name", ["console", "nullify.slp", "com", "a.b", ".hidden"])
def test_what_windows_can_hold_is_given(name):
    assert windows_refuses(name) == ""


@pytest.mark.parametrize(
    "local",
    [
        "/home/me/x.mp4",
        "C:\\x.mp4",
        "Z:x.mp4",
        "\\lab\\x.mp4",
        "/mnt/cephalon/x",
        "/mnt/Ceph/x",
        "/mnt/ceph/../x",
        "/mnt",
        "Z:\\..\\x",
        "Z:\\lab\\..\\..\\x",
        r"\\srv\ceph\..\x",
        r"\\srv\cephalon\x",
        r"\\other\ceph\x",
        r"\\srv",
        r"\\?\Volume{1}\x",
        r"\\?\GLOBALROOT\x",
        "/Volumes/cephalon/x",
        "ceph/x",
        "x",
        "",
        "Z:\\a\0b",
    ],
)
def test_a_path_on_no_mount_has_no_place_on_the_cluster(local):
    assert ALL.to_cluster(local) is None


def test_the_longest_mount_wins_both_ways():
    mounts = MountMap((Mount("/mnt", "/all"), Mount("/mnt/deep", "/all/ceph")))
    assert mounts.to_cluster("/mnt/deep/x") == PurePosixPath("/all/ceph/x")
    assert mounts.to_cluster("/mnt/deeper/x") == PurePosixPath("/all/deeper/x")
    assert mounts.to_local("/all/ceph/x") == "/mnt/deep/x"
    assert mounts.to_local("/all/y") == "/mnt/y"
    backwards = MountMap(tuple(reversed(mounts.mounts)))
    assert backwards.to_cluster("/mnt/deep/x") == PurePosixPath("/all/ceph/x")


@pytest.mark.parametrize(
    ("outer", "inner", "mark"),
    [("/mnt/ceph", "/mnt/ceph/winstor", "/"), ("Z:\\", "z:\\Winstor", "\\")],
)
def test_a_place_over_which_another_disk_is_mounted_here_is_not_seen(
    outer, inner, mark
):
    mounts = MountMap((Mount(outer, "/ceph"), Mount(inner, "/winstor")), 2)
    assert mounts.to_local("/winstor/x") == inner + mark + "x"
    assert mounts.to_local("/ceph/winstor/x") is None
    assert mounts.hidden("/ceph/winstor/x").endswith("winstor" + mark + "x")
    assert mounts.to_local("/ceph/y/x") == outer.rstrip("\\") + mark.join(
        ["", "y", "x"]
    )
    assert mounts.hidden("/ceph/y/x") == mounts.hidden("/other/x") == ""
    by_another_way = MountMap(mounts.mounts + (Mount("/c", "/ceph"),), 3)
    assert by_another_way.to_local("/ceph/winstor/x") == "/c/winstor/x"
    assert by_another_way.hidden("/ceph/winstor/x") == ""


NESTED = ("a", "A", "b", "ä")
FOLDERS = st.lists(st.sampled_from(NESTED), max_size=3)


@given(
    mounts=st.lists(
        st.tuples(st.sampled_from(["/", "/Volumes/", "Z:\\"]), FOLDERS, FOLDERS),
        min_size=1,
        max_size=5,
    ),
    in_use=st.integers(0, 5),
    parts=st.lists(st.sampled_from(NESTED), min_size=1, max_size=5),
)
def test_however_mounts_lie_in_each_other_the_way_back_is_the_same(
    mounts, in_use, parts
):
    made = MountMap(
        tuple(
            Mount(anchor + anchor[-1].join(local), "/" + "/".join(there))
            for anchor, local, there in mounts
        ),
        min(in_use, len(mounts)),
    )
    cluster = "/" + "/".join(parts)
    local = made.to_local(cluster)
    assert local is None or str(made.to_cluster(local)) == cluster
    assert not (local and made.hidden(cluster))


def test_a_disk_within_a_disk_has_its_own_drive():
    mounts = MountMap((Mount("Z:\\", "/ceph"), Mount("W:\\", "/ceph/winstor")))
    assert str(mounts.to_cluster("w:\\x")) == "/ceph/winstor/x"
    assert str(mounts.to_cluster("z:\\winstor\\x")) == "/ceph/winstor/x"
    assert mounts.to_local("/ceph/winstor/x") == "W:\\x"
    assert mounts.to_local("/ceph/winstore/x") == "Z:\\winstore\\x"


@pytest.mark.parametrize(
    ("lab", "laboratory"),
    [("/mnt/lab", "/mnt/laboratory"), ("Z:\\lab", "Z:\\laboratory")],
)
def test_a_folder_that_begins_with_the_same_letters_is_another(lab, laboratory):
    mounts = MountMap((Mount(lab, "/ceph/lab"),))
    assert mounts.to_cluster(laboratory) is None
    assert mounts.to_local("/ceph/laboratory") is None
    assert str(mounts.to_cluster(lab)) == "/ceph/lab"


def test_linux_keeps_names_apart_that_differ_in_case_only():
    mounts = MountMap((Mount("/mnt/Lab", "/ceph/A"), Mount("/mnt/lab", "/ceph/b")))
    assert str(mounts.to_cluster("/mnt/Lab/x")) == "/ceph/A/x"
    assert str(mounts.to_cluster("/mnt/lab/x")) == "/ceph/b/x"
    assert mounts.to_cluster("/mnt/LAB/x") is None


def test_what_is_below_a_mount_keeps_its_case_and_its_accents():
    for form in ("NFC", "NFD"):
        name = unicodedata.normalize(form, "MäusE.mp4")
        for spelling in SPELLINGS:
            mounts = MountMap((Mount(spelling, "/ceph"),))
            local = mounts.to_local("/ceph/" + name)
            assert str(mounts.to_cluster(local)) == "/ceph/" + name


@pytest.mark.parametrize("spelling", ["/Volumes/Mäuse", "Z:\\Mäuse"])
def test_a_mounts_own_accents_may_be_written_either_way(spelling):
    mounts = MountMap((Mount(unicodedata.normalize("NFC", spelling), "/ceph"),))
    other = unicodedata.normalize("NFD", spelling).upper()
    mark = "/" if spelling.startswith("/") else "\\"
    assert str(mounts.to_cluster(other + mark + "x")) == "/ceph/x"


def test_what_is_in_use_here_is_preferred():
    assert ALL.to_local("/ceph/x") == "Z:\\x"
    assert ALL.preferring(["/mnt/ceph"]).to_local("/ceph/x") == "/mnt/ceph/x"


def test_a_longer_mount_that_is_not_here_does_not_hide_the_one_that_is():
    mounts = MountMap((Mount("W:\\", "/ceph/winstor"), Mount("/mnt/ceph", "/ceph")))
    here = mounts.preferring(["/mnt/ceph"])
    assert here.to_local("/ceph/winstor/x") == "/mnt/ceph/winstor/x"
    assert mounts.to_local("/ceph/winstor/x") == "W:\\x"
    assert (
        MountMap(mounts.mounts[:1]).preferring([]).to_local("/ceph/winstor") == "W:\\"
    )


@pytest.mark.parametrize(
    "cluster", ["/ceph/../etc/passwd", "ceph/x", "/ceph/a\0b", "", "/", "C:\\ceph\\x"]
)
def test_a_cluster_path_that_leads_out_has_no_local_place(cluster):
    assert MountMap((Mount("/m", "/ceph"),)).to_local(cluster) is None
    assert MountMap((Mount("Z:\\", "/ceph"),)).to_local(cluster) is None


def test_slashes_too_many_in_a_cluster_path_are_one():
    assert ALL.to_local("//ceph//lab/./x") == "Z:\\lab\\x"


def test_a_mount_with_a_spelling_that_is_none_holds_nothing():
    mounts = MountMap((Mount("somewhere", "/ceph"), Mount("/m", "ceph")))
    assert mounts.to_local("/ceph/x") is None
    assert mounts.to_cluster("somewhere/x") is None


@given(st.text(max_size=60), st.sampled_from(SPELLINGS + ("",)))
def test_any_text_is_a_path_on_the_mount_or_none(text, before):
    found = ALL.to_cluster(before + text)
    assert found is None or found.parts[:2] == ("/", "ceph")
    assert found is None or ".." not in found.parts
    ALL.to_local(text)
    for one in readings(text):
        assert readings(one.joined(()))[0] == one
