"""The command that writes a video anew, as the user's own shell reads it."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.reencode import reencode_argv, reencode_line

ADVISED = "-c:v libx264 -pix_fmt yuv420p -preset superfast -crf 23"


def test_the_command_is_the_one_that_sleaps_makers_advise():
    assert reencode_line("/data/a.avi", False) == (
        "ffmpeg -n -i /data/a.avi {} /data/a.reencoded.mp4".format(ADVISED)
    )


def test_the_video_itself_is_never_written_to():
    argv = reencode_argv("/data/a.mp4", False)
    assert argv[1] == "-n"
    assert argv[-1] != argv[argv.index("-i") + 1]


def test_windows_quotes_are_those_of_its_own_shell():
    line = reencode_line(r"Z:\lab\a b & c's.mp4", True)
    assert r'-i "Z:\lab\a b & c' in line
    assert line.endswith(r'"Z:\lab\a b & c' + "'s.reencoded.mp4\"")


@given(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0")))
def test_a_shell_reads_back_the_same_words(name):
    path = "/data/" + name + ".mp4"
    assert shlex.split(reencode_line(path, False)) == reencode_argv(path, False)


@pytest.mark.skipif(os.name == "nt", reason="needs sh")
def test_sh_itself_reads_back_the_same_words(tmp_path):
    path = "/data/a 'b' \"c\" $HOME `id` \n\U0001f42d.mp4"
    line = reencode_line(path, False).replace("ffmpeg", "printf '%s\\0'", 1)
    words = subprocess.run(["sh", "-c", line], stdout=subprocess.PIPE, check=True)
    assert words.stdout.decode().split("\0")[:-1] == reencode_argv(path, False)[1:]
