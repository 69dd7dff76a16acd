"""Files of a job's folder that anybody may have written."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.untrusted import (
    MOST_TEXT,
    Unfit,
    read_config,
    read_json,
    read_whole,
    read_yaml,
    shown,
)

#: As SLEAP 1.3 writes a skeleton.
SKELETON = {
    "nodes": [{"id": {"py/object": "sleap.skeleton.Node", "name": "head"}}],
    "links": [
        {
            "type": {
                "py/reduce": [
                    {"py/type": "sleap.skeleton.EdgeType"},
                    {"py/tuple": [1]},
                ]
            },
            "source": {"py/id": 1},
        }
    ],
    "preview_image": {"py/b64": "aGVsbG8="},
}


def test_a_skeleton_of_sleap_is_read():
    assert read_json(json.dumps({"skeletons": [SKELETON]}).encode()) == {
        "skeletons": [SKELETON]
    }


@pytest.mark.parametrize(
    "evil",
    [
        {"py/reduce": [{"py/type": "os.system"}, {"py/tuple": ["true"]}]},
        {"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["true"]}]},
        {"py/object": "subprocess.Popen", "args": "true"},
        {"py/object": "sleap.skeleton.os.system"},
        {"py/object": ["sleap.skeleton.Node"]},
        {"py/repr": "os/os.system('true')"},
        {"py/newargs": []},
        {"py/ref": "/0"},
    ],
)
@pytest.mark.parametrize("depth", [0, 3])
def test_json_that_names_code_is_refused(evil, depth):
    for _ in range(depth):
        evil = [{"a": evil}]
    with pytest.raises(Unfit, match="names code to be run"):
        read_json(json.dumps(evil).encode())


YAML_BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%s: &%s [%s]\n" % (this, this, b",".join([b"*" + before] * 9))
    for before, this in zip(b"a b c d e f g h".split(), b"b c d e f g h i".split())
)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.json", b"", "not whole"),
        ("a.json", b'{"a": ', "not whole"),
        ("a.json", b"\xff\xfe", "not whole"),
        ("a.json", b"[" * 200_000, "nested too deeply"),
        ("a.json", b'{"a":' * 200_000, "nested too deeply"),
        ("a.json", b"9" * 1_000_000, "not whole"),
        ("a.json", b'"' + b"x" * MOST_TEXT + b'"', "larger than"),
        ("a.yaml", b"[" * 200_000, "nested too deeply"),
        ("a.yaml", b"- " * 200_000, "nested too deeply"),
        ("a.yaml", YAML_BOMB, "repeats itself"),
        ("a.yaml", b"a: &a [*a]", "contains itself"),
        ("a.yaml", b"a: !!python/object/apply:os.system [true]", "not whole"),
        ("a.yaml", b"a: [", "not whole"),
        ("a.yaml", b"\x00", "not whole"),
        ("a.yaml", b"- x\n" * 600_000, "repeats itself"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_a_config_that_would_hurt_is_a_word(tmp_path, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Unfit, match=words):
        read_config(path)


def test_an_alias_that_does_no_harm_is_read():
    assert read_yaml(b"a: &a [1]\nb: *a") == {"a": [1], "b": [1]}


@given(st.binary(max_size=200))
def test_any_bytes_are_values_or_unfit(data):
    for read in (read_json, read_yaml):
        try:
            read(data)
        except Unfit:
            continue


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_ordinary_file_is_not_waited_for(tmp_path, make):
    make(str(tmp_path / "a.json"))
    with pytest.raises(Unfit, match="no ordinary file"):
        read_whole(tmp_path / "a.json")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device here")
def test_a_device_without_end_is_not_read(tmp_path):
    (tmp_path / "a.json").symlink_to("/dev/zero")
    with pytest.raises(Unfit, match="no ordinary file"):
        read_whole(tmp_path / "a.json")


def test_a_file_is_read_up_to_its_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_whole(path, 5) == b"12345"
    with pytest.raises(Unfit, match="larger than 4 bytes"):
        read_whole(path, 4)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a b.slp", "a b.slp"),
        ("a\nb\x1b[31mc\x07", "a\ufffdb\ufffd[31mc\ufffd"),
        ("a\u202eb", "a\ufffdb"),
        ("小鼠 é 🐭", "小鼠 é 🐭"),
    ],
)
def test_a_strangers_name_has_no_power_over_what_shows_it(text, wanted):
    assert shown(text) == wanted
