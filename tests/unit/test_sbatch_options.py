"""The less usual options of sbatch: which values are taken."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.limits import problems
from sleap_remote_plugin.jobs.resources import Resources, resources_from_dict
from sleap_remote_plugin.jobs.sbatch_options import node_list


def said(**values):
    return " ".join(problems(Resources(**values), ()))


@pytest.mark.parametrize(
    "values",
    [
        {"constraint": "a5000|a6000"},
        {"constraint": "[rack1*2&fast]"},
        {"mail": "jane.doe+hpc@ucl.ac.uk"},
        {"begin": "22:00"},
        {"begin": "now+2hours"},
        {"begin": "tomorrow"},
        {"begin": "2026-05-08T22:00"},
        {"begin": "2026-05-08"},
        {"begin": "7:05:30"},
        {"exclude": "gpu-sr670-20"},
        {"exclude": "gpu-1,gpu-2"},
        {"exclude": "gpu-1, gpu-2"},
        {"exclude": "gpu-[1-3]"},
        {"exclude": "gpu-[01-03,7],rack[1-2]n[4]x"},
        {"dependency": "afterok:4711:4712"},
        {"dependency": "afterany:4711_3,afterok:9"},
        {"dependency": "after:4711+5"},
        {"dependency": "singleton"},
        {"extra": "--nice=100\n\n  --reservation=lab_1  \n"},
        {"extra": "--exclusive"},
        {"extra": "--licenses=matlab:2"},
        {"extra": "--mem-bind=local\n--gpu-bind=closest"},
    ],
)
def test_values_that_sbatch_takes_are_taken(values):
    assert said(**values) == ""


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"constraint": "a b"}, "names of features"),
        ({"constraint": "$(id)"}, "names of features"),
        ({"mail": "jane"}, "one address"),
        ({"mail": "a@b.c,d@e.f"}, "one address"),
        ({"mail": "a@b.c\n#SBATCH --uid=0"}, "one address"),
        ({"begin": "later"}, "22:00, tomorrow"),
        ({"begin": "now+"}, "22:00, tomorrow"),
        ({"begin": "25:99"}, "22:00, tomorrow"),
        ({"begin": "24:00"}, "22:00, tomorrow"),
        ({"begin": "2026-13-45"}, "22:00, tomorrow"),
        ({"begin": "2026-02-30T10:00"}, "22:00, tomorrow"),
        ({"begin": "2026-05-08T22:60"}, "22:00, tomorrow"),
        ({"exclude": "gpu-1 gpu-2"}, "names with commas between them"),
        ({"exclude": "gpu-1,"}, "names with commas between them"),
        ({"exclude": "gpu-[1-"}, "names with commas between them"),
        ({"exclude": "gpu-[a]"}, "names with commas between them"),
        ({"exclude": "n1;reboot"}, "names with commas between them"),
        ({"dependency": "4711"}, "afterok:4711"),
        ({"dependency": "afterok:"}, "afterok:4711"),
        ({"extra": "-t 10"}, "no option of sbatch"),
        ({"extra": "--nice 100"}, "no option of sbatch"),
        ({"extra": "--comment='x'"}, "no option of sbatch"),
        ({"extra": "--nice=1;rm"}, "no option of sbatch"),
        ({"extra": "--time=5"}, "--time is set by"),
        ({"extra": "--wrap=true"}, "--wrap is set by"),
        ({"extra": "--out=x"}, "--output is set by"),
        ({"extra": "--array=0-99"}, "--array is set by"),
        ({"extra": "--mem=4G"}, "--mem is set by"),
        ({"extra": "--mem-per-cpu=4G"}, "--mem-per-cpu is set by"),
        ({"extra": "--mem-per-gpu=4G"}, "--mem-per-gpu is set by"),
        ({"extra": "--gpus=2"}, "--gpus is set by"),
        ({"extra": "--gpus-per-node=2"}, "--gpus-per-node is set by"),
        ({"extra": "--gpus-per-task=2"}, "--gpus-per-task is set by"),
        ({"extra": "--cpus-per-gpu=2"}, "--cpus-per-gpu is set by"),
        ({"extra": "--tres-per-task=gres/gpu:2"}, "--tres-per-task is set by"),
        ({"extra": "--time-min=10"}, "--time-min is set by"),
        ({"extra": "--cluster=other"}, "--clusters is set by"),
    ],
)
def test_other_values_are_refused_with_what_would_do(values, words):
    assert words in said(**values)


@given(st.text(max_size=30), st.sampled_from(["constraint", "mail", "begin", "extra"]))
def test_no_text_that_passes_has_what_a_script_line_could_not_hold(text, field):
    if not said(**{field: text}):
        lines = text.split("\n") if field == "extra" else [text]
        for line in lines:
            assert not set(line.strip()) & set(" \t\r\"'`$;<>\\#\x0b\x0c\x85\u2028")


@given(st.text("gpu-[]123, \n;", max_size=20))
def test_no_list_of_nodes_that_passes_has_what_a_script_line_could_not_hold(text):
    if not said(exclude=text):
        assert not set(node_list(text)) & set(" \n;")


def test_what_was_asked_for_is_read_back():
    asked = Resources(mail="a@b.c", at_once=2, extra="--nice=1")
    assert resources_from_dict(dataclasses.asdict(asked)) == asked


def test_a_time_to_begin_and_jobs_to_wait_for_are_of_one_job_only():
    asked = Resources(begin="22:00", dependency="afterok:7", mail="a@b.c")
    assert asked.for_another_job() == Resources(mail="a@b.c")


def test_fields_of_a_newer_program_are_left_out():
    assert resources_from_dict({"cpus": 3, "tea": True}) == Resources(cpus=3)
