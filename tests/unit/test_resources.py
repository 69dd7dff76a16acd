from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.limits import problems
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
    read_memory,
    read_time,
    write_memory,
    write_time,
)

GPU = Partition(
    "gpu", 4 * 86400, 8, 64 * 2**30, ("a4500", ""), gpus_per_node=2, is_default=True
)
CPU = Partition("cpu", 86400, 16, 2**40)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("32G", 32 * 2**30),
        ("500M", 500 * 2**20),
        ("1000", 1000 * 2**20),
        ("1.5G", 3 * 2**29),
        ("1T", 2**40),
        (" 8 gb ", 8 * 2**30),
        ("356K", 356 * 1024),
    ],
)
def test_memory_is_read(text, size):
    assert read_memory(text) == size


@pytest.mark.parametrize("text", ["", "G", "-1G", "0", "12X", "1G2"])
def test_other_memory_says_what_is_allowed(text):
    with pytest.raises(ValueError, match="such as 32G"):
        read_memory(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 300),
        ("1:30", 90),
        ("6:00:00", 21600),
        ("2-0", 172800),
        ("1-12:30", 131400),
        ("30-00:00:00", 2592000),
    ],
)
def test_times_are_read_as_slurm_does(text, seconds):
    assert read_time(text) == seconds


@pytest.mark.parametrize("text", ["", "4:xx", "0", "0:00:00", "infinite", "-1"])
def test_other_times_say_what_is_allowed(text):
    with pytest.raises(ValueError, match="such as 6:00:00"):
        read_time(text)


@given(st.integers(1, 10**8))
def test_times_come_back_exactly(seconds):
    assert read_time(write_time(seconds)) == seconds


@given(st.integers(1, 2**45))
def test_memory_comes_back_rounded_up_to_a_megabyte(size):
    again = read_memory(write_memory(size))
    assert 0 <= again - size < 2**20


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Resources(partition="nope"), "There is no partition nope"),
        (Resources(partition=""), "Choose a partition"),
        (Resources(time=5 * 86400), "allows 4-00:00:00"),
        (Resources(cpus=9), "more than 8 CPUs"),
        (Resources(memory=2**40), "more than 64G"),
        (Resources(gpus=3), "more than 2 GPUs"),
        (Resources(gpu_type="v100"), "no v100 GPU"),
        (Resources(partition="cpu"), "has no GPUs"),
        (Resources(account="a b"), "account may have"),
        (Resources(exclude="n1\n#SBATCH x"), "excluded nodes"),
        (Resources(cpus=0), "at least 1 CPU"),
        (Resources(time=1), "1 minute"),
    ],
)
def test_what_cannot_be_had_is_said_before(wanted, words):
    assert any(words in text for text in problems(wanted, (GPU, CPU)))


def test_a_fair_request_has_no_problem():
    assert problems(Resources(gpu_type="a4500"), (GPU, CPU)) == ()
    assert problems(Resources(), ()) == ()


@pytest.mark.parametrize(
    ("wanted", "gres"),
    [
        (Resources(gpus=0), ""),
        (Resources(gpus=2), "gpu:2"),
        (Resources(gpu_type="a100_2g.10gb"), "gpu:a100_2g.10gb:1"),
    ],
)
def test_gpus_are_spelled_as_gres(wanted, gres):
    assert wanted.gres == gres
