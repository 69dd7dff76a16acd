"""The next round's name and file, and the file that tells of the rounds."""

from __future__ import annotations

import os
import stat
import threading
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import RoundNotBegun
from sleap_remote_plugin.jobs.rounds import (
    JobTold,
    Round,
    is_same_family,
    next_names,
    read_name,
    render_round,
    rounds_name,
)
from sleap_remote_plugin.session.rounds import (
    Loads,
    give_back,
    rounds_file,
    take_next,
    tell_round,
)
from sleap_remote_plugin.session.settings import Settings


def following(name, *taken):
    return next(iter(next_names(name, taken)))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("labels.v001.slp", "labels.v002.slp"),
        ("labels.slp", "labels.v002.slp"),
        ("mouse v3.slp", "mouse v4.slp"),
        ("mouse_v9.slp", "mouse_v10.slp"),
        ("labels.v099.slp", "labels.v100.slp"),
        ("labels.v999.slp", "labels.v1000.slp"),
        ("labels.V001.slp", "labels.V002.slp"),
        ("v2.slp", "v3.slp"),
        ("rev2.slp", "rev2.v002.slp"),  # part of a word, not a number of ours
        ("labels.v001 copy.slp", "labels.v001 copy.v002.slp"),
        ("mice.v1.day.v07.slp", "mice.v1.day.v08.slp"),
        ("Mäuse 🐭.v001.slp", "Mäuse 🐭.v002.slp"),
        ("labels.SLP", "labels.v002.slp"),
        ("labels", "labels.v002.slp"),
    ],
)
def test_the_next_rounds_name(name, wanted):
    assert following(name) == wanted


@pytest.mark.parametrize(
    ("taken", "wanted"),
    [
        (["labels.v002.slp"], "labels.v003.slp"),
        (["labels.v002.slp", "labels.v003.slp"], "labels.v004.slp"),
        (["LABELS.V002.SLP"], "labels.v003.slp"),
        (["labels.v002.slp.training_job"], "labels.v003.slp"),
        (["labels.v003.slp"], "labels.v002.slp"),
        (["other.v002.slp"], "labels.v002.slp"),
    ],
)
def test_a_name_that_is_taken_is_left_alone(taken, wanted):
    assert following("labels.v001.slp", *taken) == wanted


@given(st.text(alphabet=st.characters(blacklist_characters="/\0"), min_size=1))
def test_every_name_has_a_next_one_of_the_same_family(stem):
    name = stem + ".slp"
    one, two = islice(iter(next_names(name, [name])), 2)
    assert len({name, one, two}) == 3
    assert read_name(one).number == read_name(name).number + 1
    if rounds_name(name) != "project.rounds.md":
        assert rounds_name(one) == rounds_name(name)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/mnt/a/labels.v001.slp", "/mnt/a/labels.v014.slp", True),
        ("/mnt/a/labels.slp", "/mnt/a/labels.v002.slp", True),
        ("/mnt/a/labels.v001.slp", "/mnt/b/labels.v002.slp", False),
        ("/mnt/a/labels.v001.slp", "/mnt/a/other.v002.slp", False),
    ],
)
def test_rounds_of_one_project_know_each_other(one, other, same):
    assert is_same_family(one, other) is same


def test_a_file_is_taken_and_no_other_touched(tmp_path):
    project = tmp_path / "labels.v001.slp"
    project.write_bytes(b"one")
    (tmp_path / "labels.v002.slp").write_bytes(b"two")
    path = take_next(project)
    assert path.name == "labels.v003.slp"
    assert path.read_bytes() == b""
    assert (tmp_path / "labels.v002.slp").read_bytes() == b"two"
    give_back(path)
    assert not path.exists()


def test_windows_that_begin_a_round_at_the_same_moment_get_two_files(tmp_path):
    project = tmp_path / "labels.v001.slp"
    project.touch()
    found, gate = [], threading.Barrier(8)

    def take():
        gate.wait()
        found.append(take_next(project))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path.name for path in found}) == 8


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path):
    project = tmp_path / "labels.v001.slp"
    target = tmp_path / "elsewhere"
    (tmp_path / "labels.v002.slp").symlink_to(target)
    assert take_next(project).name == "labels.v003.slp"
    assert not target.exists()


@pytest.fixture
def read_only(tmp_path):
    folder = tmp_path / "read only"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.access(str(folder), os.W_OK):
        folder.chmod(0o755)
        pytest.skip("this user may write everywhere")
    yield folder
    folder.chmod(0o755)


def test_a_folder_that_cannot_be_written_is_said(read_only):
    with pytest.raises(RoundNotBegun, match="unchanged on disk"):
        take_next(read_only / "labels.v001.slp")


def test_a_folder_that_is_gone_is_said(tmp_path):
    with pytest.raises(RoundNotBegun, match="labels.v001.slp is open"):
        take_next(tmp_path / "gone" / "labels.v001.slp")


def test_a_name_that_becomes_too_long_is_said(tmp_path):
    name = "x" * (255 - len(".slp")) + ".slp"
    with pytest.raises(RoundNotBegun, match="too long"):
        take_next(tmp_path / name)


# -- the file of rounds ----------------------------------------------------------------

TOLD = Round(
    project="labels.v002.slp",
    parent="labels.v001.slp",
    uid="0a1b2c",
    begun=1_800_000_000.0,
    user="jane",
    labelled=212,
    trained=(
        JobTold(
            "labels.v001 top-down",
            "SWC HPC",
            "417",
            "SLEAP/2026-05-08",
            1_799_990_000.0,
            (
                ("package", "labels.v001.slp.training_job/labels.v001.pkg.slp"),
                ("centroid", "labels.v001.slp.training_job/models/a.centroid.n=212"),
            ),
        ),
    ),
    loaded=(JobTold("two videos", "SWC HPC", "418", files=(("a.mp4", "p/a.slp"),)),),
)


def test_a_round_can_be_read_by_people():
    text = render_round(TOLD)
    assert text.startswith("## labels.v002.slp\n\n- from `labels.v001.slp`, 2027-01-")
    assert "by jane" in text
    assert "- frames with labels: 212\n" in text
    assert (
        "- trained: labels.v001 top-down (SWC HPC, SLURM job 417, SLEAP/2026-05-08,"
        in text
    )
    assert (
        "  - centroid: `labels.v001.slp.training_job/models/a.centroid.n=212`\n" in text
    )
    assert "- predictions loaded: two videos (SWC HPC, SLURM job 418)\n" in text


@given(st.text(), st.text())
def test_no_name_breaks_out_of_its_line(name, path):
    job = JobTold(name, name, name, name, 0.0, ((name, path),))
    text = render_round(Round(name, path, "u", 0.0, name, 1, (job,), (job,)))
    lines = text.split("\n")
    assert len(lines) == 10
    assert sum(line.startswith("## ") for line in lines) == 1


def test_sections_are_added_and_what_people_wrote_stays(tmp_path):
    project = tmp_path / "labels.v002.slp"
    path = tell_round(project, "## one\n")
    assert path.name == "labels.rounds.md"
    assert path.read_text("utf-8").startswith("# Rounds of labels\n")
    path.write_text(path.read_text("utf-8") + "my note, no end of line", "utf-8")
    assert tell_round(tmp_path / "labels.v003.slp", "## two\n") == path
    text = path.read_text("utf-8")
    assert text.count("# Rounds of") == 1
    assert text.endswith("## one\nmy note, no end of line\n\n## two\n")
    assert rounds_file(project) == str(path)


def test_colleagues_that_write_at_the_same_moment_all_stay(tmp_path):
    project = tmp_path / "labels.v002.slp"
    gate = threading.Barrier(8)

    def tell(number):
        gate.wait()
        tell_round(project, "## section {}\n".format(number) + "- line\n" * 50)

    threads = [threading.Thread(target=tell, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = (tmp_path / "labels.rounds.md").read_text("utf-8")
    for number in range(8):
        assert text.count("## section {}\n".format(number) + "- line\n" * 50) == 1


def test_in_a_folder_that_a_group_shares_the_group_may_go_on_writing(tmp_path):
    tmp_path.chmod(0o2775)
    path = tell_round(tmp_path / "labels.v002.slp", "## one\n")
    assert stat.S_IMODE(path.stat().st_mode) & stat.S_IWGRP


def test_where_the_file_cannot_be_written_the_round_gets_one_of_its_own(tmp_path):
    (tmp_path / "labels.rounds.md").mkdir()  # as good as a colleague's read-only file
    project = tmp_path / "labels.v002.slp"
    path = tell_round(project, "## one\n")
    assert path.name == "labels.v002.rounds.md"
    assert path.read_text("utf-8").endswith("\n## one\n")
    assert rounds_file(project) == str(path)


def test_where_nothing_can_be_written_the_words_are_not_lost(tmp_path):
    for name in ("labels.rounds.md", "labels.v002.rounds.md"):
        (tmp_path / name).mkdir()
    with pytest.raises(RoundNotBegun, match="saved and open") as caught:
        tell_round(tmp_path / "labels.v002.slp", "## one: what was trained\n")
    assert "## one: what was trained" in str(caught.value)


def test_loads_are_remembered_by_project(tmp_path):
    loads = Loads(Settings(tmp_path / "s.json"))
    loads.add("/a/labels.slp", "u1")
    loads.add("/a/labels.slp", "u2")
    loads.add("/a/labels.slp", "u1")
    loads.add("/b/labels.slp", "u3")
    again = Loads(Settings(tmp_path / "s.json"))
    assert again.of("/a/labels.slp") == ("u2", "u1")
    again.remove("/a/labels.slp", "u1")
    assert again.of("/a/labels.slp") == ("u2",)
    for number in range(60):
        again.add("/p{}.slp".format(number), "u")
    assert again.of("/a/labels.slp") == ()
    assert Path(str(tmp_path / "s.json")).stat().st_size < 10_000


def test_settings_that_somebody_edited_hold_no_loads(tmp_path):
    settings = Settings(tmp_path / "s.json")
    settings.set("rounds.loaded", {"/a.slp": "oops"})
    assert Loads(settings).of("/a.slp") == ()
