from __future__ import annotations

import pytest

from sleap_remote_plugin.slurm import commands


def test_one_question_asks_for_all_jobs_of_ours():
    argv = commands.queue(["7", "8"])
    assert argv[:2] == ("env", "SLURM_TIME_FORMAT=%s")
    assert {"squeue", "--me", "--local", "--states=all", "--jobs=7,8"} <= set(argv)


def test_squeue_has_a_deadline_of_its_own():
    argv = commands.queue(["7"])
    assert argv[argv.index("squeue") - 2] == "timeout"


def test_the_name_is_the_last_field_so_that_a_pipe_in_it_does_no_harm():
    assert commands.QUEUE_FORMAT.endswith("%j")
    assert commands.ACCOUNT_FIELDS.endswith("JobName")


def test_a_submission_starts_in_the_jobs_folder():
    assert commands.submit("/ceph/a b/x.sbatch", "/ceph/a b") == (
        "sbatch",
        "--parsable",
        "--chdir=/ceph/a b",
        "/ceph/a b/x.sbatch",
    )


@pytest.mark.parametrize("bad", ["", "1;rm", "-1", "1,2", "$(x)", "12\n"])
def test_nothing_but_an_id_is_cancelled_or_asked_for(bad):
    for build in (
        lambda x: commands.cancel_task(x, "1"),
        lambda x: commands.queue([x]),
    ):
        with pytest.raises(ValueError, match="not a SLURM id"):
            build(bad)


def test_one_task_of_an_array_can_be_cancelled():
    assert commands.cancel_task("33", "4") == ("scancel", "33_4")


@pytest.mark.parametrize("bad", ["", "a b", "-x", "a,b", "x'"])
def test_only_our_own_names_are_looked_for(bad):
    with pytest.raises(ValueError, match="not one of our job names"):
        commands.find_in_queue(bad)


def test_the_accounts_are_searched_back_by_the_clusters_own_clock():
    argv = commands.find_in_accounting("sleap-train-00", 7200.0)
    assert "--starttime=now-1560minutes" in argv
    assert "--name=sleap-train-00" in argv


def test_modules_are_asked_of_a_login_shell_and_a_pattern_is_quoted():
    assert commands.module_avail("SLEAP; rm")[:2] == ("bash", "-lc")
    assert "'SLEAP; rm'" in commands.module_avail("SLEAP; rm")[2]
    assert "2>&1" in commands.module_avail("SLEAP")[2]
