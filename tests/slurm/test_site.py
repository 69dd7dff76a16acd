"""GPUs counted as free, and when a job would start: SLURM's own words first."""

from __future__ import annotations

import json
from collections import namedtuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.resources import GpuCount, Resources
from sleap_remote_plugin.jobs.site import Site, site_from_dict, site_to_dict
from sleap_remote_plugin.slurm import script
from sleap_remote_plugin.slurm.estimate import Estimate, read_estimate
from sleap_remote_plugin.slurm.site import read_associations, read_partitions

DATA = Path(__file__).resolve().parents[1] / "data" / "slurm"
Result = namedtuple("Result", "exit_code stdout stderr")


def partitions(text):
    return {one.name: one for one in read_partitions(text)}


def line(gres, state="idle", used="gpu:0", nodes=1):
    return "gpu|up|1-00|8|64000|{}|{}|{}|{}|".format(gres, state, nodes, used)


def test_free_gpus_are_counted_as_a_real_cluster_tells_them():
    found = partitions((DATA / "sinfo_gpus.txt").read_text("utf-8"))
    assert found["gpu"].gpus == (GpuCount("a4500", 2, 1), GpuCount("rtx2080", 2, 0))
    assert found["gpu"].free_gpus() == 1
    assert found["gpu"].free_gpus("rtx2080") == 0
    assert found["gpu"].free_gpus("nosuch") is None
    assert (found["gpu"].nodes, found["fast"].nodes) == (2, 3)
    assert found["cpu"].is_default
    assert (found["cpu"].gpus, found["cpu"].free_gpus()) == ((), None)


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        ([line("gpu:a100:4", "mix", "gpu:a100:3(IDX:0-2)", 2)], [("a100", 8, 2)]),
        ([line("gpu:a100:4", "alloc", "gpu:a100:1(IDX:0)")], [("a100", 4, 0)]),
        ([line("gpu:a100:4", "resv", "gpu:a100:0(IDX:N/A)")], [("a100", 4, 0)]),
        ([line("gpu:a100:4", "drng", "gpu:a100:1(IDX:0)")], []),
        ([line("gpu:a100:4", "down*", "gpu:a100:0(IDX:N/A)")], []),
        ([line("gpu:a100:4", "idle*", "gpu:a100:0(IDX:N/A)")], []),
        ([line("gpu:a100:4", "idle~", "gpu:a100:0(IDX:N/A)")], [("a100", 4, 4)]),
        ([line("gpu:2", "mix", "gpu:1(IDX:1)")], [("", 2, 1)]),
        ([line("gpu:2", "mix", "gpu:(null):1(IDX:0)")], [("", 2, 1)]),
        ([line("gpu:a:2(S:0-1),gpu:b:1", "mix", "gpu:a:2(IDX:0-1),gpu:b:0(IDX:N/A)")],
         [("a", 2, 0), ("b", 1, 1)]),
        ([line("gpu:a100_2g.10gb:2", "mix", "gpu:a100_2g.10gb:1(IDX:0)")],
         [("a100_2g.10gb", 2, 1)]),
        ([line("gpu:a:2"), line("gpu:a:4", "mix", "gpu:a:1(IDX:0)")], [("a", 6, 5)]),
        ([line("gpu:a:2", used="")], [("a", 2, None)]),
        ([line("gpu:a:2", used="(null)"), line("gpu:a:2")], [("a", 4, None)]),
        ([line("gpu:a:1", "mix", "gpu:a:9(IDX:0-8)")], [("a", 1, 0)]),
        (["gpu|up|1-00|8|64000|gpu:a:2|idle|1"], [("a", 2, None)]),
    ],
)  # fmt: skip
def test_free_is_what_a_job_could_have(lines, counts):
    (found,) = read_partitions("\n".join(lines))
    assert [tuple(count) for count in map(_tuple, found.gpus)] == counts


def _tuple(count):
    return count.gpu_type, count.total, count.free


def test_what_was_told_can_be_kept():
    site = Site(
        read_partitions((DATA / "sinfo_gpus.txt").read_text("utf-8")),
        read_associations("lab|gpu|normal,long|normal\n"),
        1.5e9,
    )
    assert site_from_dict(json.loads(json.dumps(site_to_dict(site)))) == site


# -- when it would start ---------------------------------------------------------------

NOW = "1795887130\n"
JOB = (
    "sbatch: Job 4 to start at {} using 2 processors on nodes gpu-380-10 in "
    "partition gpu"
)


@pytest.mark.parametrize(
    ("code", "out", "err", "expected"),
    [
        (0, NOW, JOB.format("1795890727"), Estimate(3597.0, "gpu-380-10")),
        (0, NOW, JOB.format("1795887130"), Estimate(0.0, "gpu-380-10")),
        (0, NOW, JOB.format("1795887120"), Estimate(0.0, "gpu-380-10")),
        (0, NOW, "Welcome!\n" + JOB.format("1795887135"), Estimate(5.0, "gpu-380-10")),
        (0, NOW, "sbatch: Job 5 to start at 1795887131 using 1 processor",
         Estimate(1.0)),
        (0, "", JOB.format("1795890727"), Estimate()),
        (0, NOW, JOB.format("2026-11-28T18:32:07"), Estimate()),
        (0, NOW, JOB.format("N/A"), Estimate()),
        (0, NOW, JOB.format("99999999999"), Estimate()),
        (1, NOW, "allocation failure: Requested node configuration is not available",
         Estimate(refusal="Requested node configuration is not available")),
        (1, NOW, "sbatch: error: invalid partition specified: nosuch\n"
         "allocation failure: Invalid partition name specified",
         Estimate(refusal="invalid partition specified: nosuch; "
                  "Invalid partition name specified")),
        (1, NOW, "allocation failure: Unable to contact slurm controller (connect "
         "failure)", Estimate()),
        (1, NOW, "sbatch: fatal: --mem, --mem-per-cpu, and --mem-per-gpu are mutually "
         "exclusive.",
         Estimate(refusal="--mem, --mem-per-cpu, and --mem-per-gpu are mutually "
                  "exclusive")),
        (255, NOW, "sbatch: unrecognized option '--nonsense=3'\n"
         'Try "sbatch --help" for more information',
         Estimate(refusal="unrecognized option '--nonsense=3'")),
        (255, NOW, "sbatch: option '--nice-x' is ambiguous",
         Estimate(refusal="option '--nice-x' is ambiguous")),
        (1, NOW, "sbatch: Welcome to the cluster\nsbatch: error: No",
         Estimate(refusal="No")),
        (124, NOW, "", Estimate()),
        (127, NOW, "env: ‘sbatch’: No such file or directory", Estimate()),
    ],
)  # fmt: skip
def test_an_estimate_is_read(code, out, err, expected):
    assert read_estimate(Result(code, out, err)) == expected


@given(st.integers(-1, 255), st.text(max_size=80), st.text(max_size=200))
def test_garbage_is_no_estimate_and_no_exception(code, out, err):
    found = read_estimate(Result(code, out, err))
    assert found.wait is None
    assert not set(found.refusal) & set("\n\r\x1b\x00")
    read_partitions(err)
    read_associations(err)


@pytest.mark.parametrize(("kind", "tasks"), [(JobKind.TRAIN, 1), (JobKind.PREDICT, 3)])
def test_the_question_asks_for_what_the_job_would_ask_for(kind, tasks):
    asked = Resources("gpu", 2, "a4500", 5, 7 * 2**30, 3600, qos="day", exclude="n1")
    lines = script.render_question(kind, asked, tasks).splitlines()
    assert lines[0] == "#!/bin/bash -l"
    for option in (
        "--partition=gpu",
        "--gres=gpu:a4500:2",
        "--cpus-per-task=5",
        "--mem=7G",
        "--time=01:00:00",
        "--qos=day",
        "--exclude=n1",
    ):
        assert "#SBATCH " + option in lines
    assert ("#SBATCH --array=0-2%8" in lines) == (tasks == 3)
    assert [row for row in lines[1:] if row and not row.startswith("#SBATCH")] == [
        "exit 0"
    ]
