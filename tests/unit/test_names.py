"""Names that are too long, or that one of the systems cannot hold: text only."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.names import (
    MOST_BYTES,
    fitted,
    no_script_holds,
    windows_refuses,
)
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.prediction import VideoInput
from sleap_remote_plugin.jobs.record import safe_stem
from sleap_remote_plugin.session.places import Places
from sleap_remote_plugin.session.plan import prediction_names

ANY = st.text(max_size=300)


@given(stem=ANY, spare=st.integers(0, 60))
def test_a_name_fits_or_is_cut_the_same_way_each_time(stem, spare):
    name = fitted(stem, ".training_job", spare)
    assert name == fitted(stem, ".training_job", spare)
    assert len(name.encode("utf-8", "replace")) <= MOST_BYTES - spare
    assert name.endswith(".training_job")
    if len((stem + ".training_job").encode("utf-8", "replace")) <= MOST_BYTES - spare:
        assert name == stem + ".training_job"
    else:
        assert re.search(r"~[0-9a-f]{8}\.training_job$", name)


def test_two_long_names_that_begin_alike_stay_two():
    one, other = ("鼠" * 90 + end for end in ("1.slp", "2.slp"))
    assert fitted(one) != fitted(other)
    assert fitted(one).startswith("鼠鼠")
    assert "\ufffd" not in fitted(one)


def test_bytes_that_are_no_text_are_cut_too():
    assert len(os.fsencode(fitted("\udcff" * 300))) <= MOST_BYTES


@pytest.mark.parametrize("name", ["x" * 251 + ".slp", "鼠" * 83 + "ab.slp", "é.slp"])
def test_a_job_beside_a_project_with_the_longest_name_has_a_folder(tmp_path, name):
    project = tmp_path / name
    project.write_text("project")
    places = Places(
        ClusterProfile("lab", "Lab", None, mounts=(Mount(str(tmp_path), "/ceph"),))
    )
    made = []
    for _ in range(3):
        folder = places.free_folder(str(project), JobKind.TRAIN)
        folder.with_name(".{}.abcdef.part".format(folder.name)).mkdir()
        folder.mkdir()
        made.append(folder.name)
    assert len(set(made)) == 3
    assert str(places.to_cluster(str(folder))) == "/ceph/" + folder.name


@given(st.lists(ANY, min_size=1, max_size=4))
def test_predictions_have_names_that_every_system_holds(videos):
    inputs = [VideoInput("/ceph/" + name, number) for number, name in enumerate(videos)]
    names = [output.split("/")[-1] for output in prediction_names(inputs)]
    assert len(set(names)) == len(names)
    for name in names:
        assert windows_refuses(name) == ""
        assert no_script_holds(name) == ""
        assert len(name.encode("utf-8")) <= MOST_BYTES - 20


@pytest.mark.parametrize(
    "name", ["con.mp4", "NUL", "aux.x.avi", "x" * 79 + ".mp4", "."]
)
def test_a_video_with_a_name_of_windows_own_has_another_here(name):
    assert windows_refuses(safe_stem(name)) == ""
    assert windows_refuses(safe_stem(name) + ".predictions.slp") == ""


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/ceph/a\nb", "line break"),
        ("/ceph/a\rb", "line break"),
        ("/ceph/a\u2028b", "line break"),
        ("/ceph/a\udcffb", "not Unicode"),
        ("/ceph/a b $x `y` 'z' \"q\" 🐭 \\ -rf", ""),
    ],
)
def test_what_no_script_can_hold_is_known_before(path, words):
    assert words in no_script_holds(path)
    assert bool(no_script_holds(path)) == bool(words)
