"""SLURM's answers, real ones first (tests/data/slurm), then any garbage."""

from __future__ import annotations

import re
from collections import namedtuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import (
    ClusterBusy,
    SubmissionRefused,
    SubmissionUnconfirmed,
)
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.slurm import output

DATA = Path(__file__).resolve().parents[1] / "data" / "slurm"
Result = namedtuple("Result", "exit_code stdout stderr")


def capture(name):
    return (DATA / name).read_text("utf-8")


def by_key(reports):
    return {(r.slurm_id, r.task): r for r in reports}


# -- states ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("CANCELLED by 20001", JobState.CANCELLED),
        ("CANCELLED+", JobState.CANCELLED),
        ("OUT_OF_ME+", JobState.OUT_OF_MEMORY),
        ("OO", JobState.OUT_OF_MEMORY),
        ("OOM", JobState.OUT_OF_MEMORY),
        ("completing", JobState.FINISHING),
        ("CD", JobState.COMPLETED),
        ("CA", JobState.CANCELLED),
        ("PR", JobState.PREEMPTED),
        ("REQUEUE_HOLD", JobState.QUEUED),
        ("REQUEUE_+", None),
        ("", None),
        ("NEW_IN_SLURM_30", None),
    ],
)
def test_a_word_of_slurm_means_one_state_or_none(word, state):
    if word == "REQUEUE_+":
        # Two words begin so, and both mean the same.
        assert output.read_state(word) is JobState.QUEUED
    else:
        assert output.read_state(word) is state


def test_an_unknown_word_is_a_log_line(caplog):
    assert output.read_state("BOGUS") is None
    assert "BOGUS" in caplog.text


# -- squeue ------------------------------------------------------------------------


def test_the_real_queue_is_read():
    found = by_key(output.read_queue(capture("squeue.txt")))
    assert found["26", ""].state is JobState.RUNNING
    assert found["26", ""].node == "enc1-node4"
    assert found["26", ""].elapsed == 3
    assert found["26", ""].started is not None
    assert found["30", ""].reason == "ReqNodeNotAvail, UnavailableNodes:gpu-380-10"
    assert found["39", ""].state is JobState.QUEUED
    assert found["39", ""].start_estimate is not None
    assert found["39", ""].started is None
    assert found["7", ""].start_estimate is None


def test_a_waiting_range_of_tasks_is_spread_out():
    found = by_key(output.read_queue(capture("squeue.txt")))
    assert {task for job, task in found if job == "33"} == {
        str(i) for i in range(1, 11)
    }
    assert found["33", "7"].reason == "JobArrayTaskLimit"
    assert found["33", "1"].state is JobState.RUNNING


def test_a_pipe_in_a_job_name_shifts_nothing():
    found = by_key(output.read_queue(capture("squeue.txt")))
    assert found["36", ""].name == "odd name|pipe, é"
    assert found["36", ""].state is JobState.RUNNING


def test_epoch_seconds_and_stepped_ranges_are_read():
    line = "5_[0-6:3,9]|PENDING|Priority|0:00||1795361707|N/A|x\n"
    found = output.read_queue(line)
    assert [r.task for r in found] == ["0", "3", "6", "9"]
    assert found[0].start_estimate == 1795361707


def test_a_huge_range_stays_bounded():
    line = "5_[0-999999999]|PENDING|Priority|0:00||N/A|N/A|x\n"
    assert len(output.read_queue(line)) <= 10000


def test_invalid_job_id_is_an_answer_and_no_contact_is_none():
    gone = Result(1, "", "slurm_load_jobs error: Invalid job id specified\n")
    down = Result(1, "", "slurm_load_jobs error: Unable to contact slurm controller")
    assert output.queue_answered(gone)
    assert not output.queue_answered(down)


# -- sacct -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("job", "state", "code"),
    [
        ("24", JobState.COMPLETED, "0:0"),
        ("25", JobState.FAILED, "3:0"),
        ("20", JobState.FAILED, "0:53"),
        ("26", JobState.TIMED_OUT, "0:0"),
        ("27", JobState.OUT_OF_MEMORY, "0:125"),
        ("29", JobState.CANCELLED, "0:0"),
        ("31", JobState.NODE_FAILED, "0:0"),
    ],
)
def test_a_real_end_in_the_accounts_is_read(job, state, code):
    report = by_key(output.read_accounting(capture("sacct.txt")))[job, ""]
    assert (report.state, report.exit_code) == (state, code)
    assert report.source == "sacct"


def test_memory_of_the_batch_step_is_the_jobs():
    found = by_key(output.read_accounting(capture("sacct.txt")))
    assert found["26", ""].max_rss == 356 * 1024
    assert found["33", "4"].max_rss == 356 * 1024
    assert found["25", ""].max_rss is None


def test_a_requeued_job_counts_by_its_last_record():
    text = (
        "3|PREEMPTED|0:0|104||1|2|3|None|n1|x\n"
        "3.batch|CANCELLED|0:15|104|900K|1|2|3||n1|batch\n"
        "3|COMPLETED|0:0|119||1|2|3|None|n2|x\n"
        "3.batch|COMPLETED|0:0|119|1965096K|1|2|3||n2|batch\n"
    )
    (report,) = output.read_accounting(text)
    assert report.state is JobState.COMPLETED
    assert (report.restarts, report.node) == (1, "n2")
    assert report.max_rss == 1965096 * 1024


def test_a_job_that_never_got_a_node_has_none():
    text = "4|FAILED|1:0|0||Unknown|Unknown|Unknown|None|None assigned|x\n"
    (report,) = output.read_accounting(text)
    assert (report.node, report.started, report.ended) == ("", None, None)


# -- sbatch ------------------------------------------------------------------------


def submissions():
    for block in capture("sbatch.txt").split("--- $ ")[1:]:
        lines = block.splitlines()
        code = int(lines[1].partition("=")[2])
        body = "\n".join(lines[2:])
        out, _, err = body.partition("[stderr]")
        stdout = out.replace("[stdout]", "").strip()
        yield pytest.param(Result(code, stdout, err.strip()), id=lines[0][:60])


@pytest.mark.parametrize("result", list(submissions()))
def test_every_real_answer_of_sbatch_is_an_id_or_its_own_words(result):
    if result.exit_code == 0 and result.stdout:
        assert output.read_submission(result) in result.stdout
    elif result.exit_code == 0 or result.stdout:
        with pytest.raises(SubmissionUnconfirmed):
            output.read_submission(result)
    else:
        with pytest.raises(SubmissionRefused) as caught:
            output.read_submission(result)
        own = [x for x in result.stderr.splitlines() if x.startswith("sbatch:")]
        last = own[-1]
        words = re.sub(r"^(sbatch: )?(error: )?", "", last).rstrip(".")
        assert words in str(caught.value)
        assert "Nothing was submitted" in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        "sbatch: fatal: --mem and --mem-per-cpu are mutually exclusive.",
        "sbatch: unrecognized option '--bogus'",
        "sbatch: option '--reservation' requires an argument",
    ],
)
def test_an_option_that_sbatch_does_not_take_is_changed_where_it_stands(said):
    with pytest.raises(SubmissionRefused) as caught:
        output.read_submission(Result(255, "", said))
    assert "Change the other options in Advanced" in str(caught.value)
    assert "fatal" not in str(caught.value)


@pytest.mark.parametrize(
    ("stdout", "slurm_id"),
    [
        ("18\n", "18"),
        ("18;swc\n", "18"),
        ("Submitted batch job 7\n", "7"),
        ("Welcome to the cluster!\n\x1b[1mDisk 80% full\x1b[0m\n33;c1\n", "33"),
    ],
)
def test_the_id_is_found_among_what_a_login_shell_prints(stdout, slurm_id):
    assert output.read_submission(Result(0, stdout, "motd")) == slurm_id


@pytest.mark.parametrize(
    "result",
    [
        Result(0, "", ""),
        Result(0, "Welcome\n", ""),
        Result(0, "2026\n33\n", ""),
        Result(0, "job 33 taken\n", ""),
        Result(1, "job 33 taken\n", "sbatch: error: something\n"),
        Result(1, "", "sbatch: error: Protocol authentication error"),
        Result(1, "", "sbatch: error: Batch job submission failed: Unspecified error"),
        Result(1, "44\n", "sbatch: error: something\n"),
        Result(
            1,
            "",
            "sbatch: error: Batch job submission failed: Socket timed out on "
            "send/recv operation\n",
        ),
        Result(1, "", "sbatch: error: Zero Bytes were transmitted or received"),
        Result(137, "", ""),
        Result(137, "", "*** Welcome: authorised users only ***\n"),
    ],
)
def test_a_doubtful_answer_is_never_a_refusal(result):
    with pytest.raises(SubmissionUnconfirmed):
        output.read_submission(result)


def test_a_controller_that_is_down_is_busy_and_nothing_was_sent():
    said = (
        "sbatch: error: Batch job submission failed: Unable to contact slurm "
        "controller (connect failure)\n"
    )
    with pytest.raises(ClusterBusy, match="Nothing was submitted"):
        output.read_submission(Result(1, "", said))


# -- sinfo and modules -------------------------------------------------------------


def test_the_real_partitions_are_read():
    found = {p.name: p for p in output.read_partitions(capture("sinfo.txt"))}
    assert found["gpu"].gpu_types == ("rtx2080", "a100_2g.10gb")
    assert found["gpu"].gpus_per_node == 3
    assert found["gpu"].time_limit == 4 * 86400
    assert found["gpu"].memory == 64000 * 2**20
    assert found["cpu"].is_default
    assert found["cpu"].gpu_types == ()
    assert found["fast"].cpus == 8


def test_a_partition_of_dead_nodes_is_not_up_and_one_live_node_is_enough():
    text = (
        "a|up|infinite|8+|64000+|gpu:2(S:0-1)|down*|1\nb|up|1:00:00|1|1|(null)|%s|1\n"
    )
    found = output.read_partitions(text % "idle")
    assert [p.is_up for p in found] == [False, True]
    assert found[0].gpu_types == ("",)
    assert found[0].time_limit is None


SLEAP_MODULES = (
    "SLEAP/2023-03-13",
    "SLEAP/2023-08-01",
    "SLEAP/2025-02-01",
    "SLEAP/2026-06-01",
)


@pytest.mark.parametrize("name", ["modules_terse.txt", "modules_noisy.txt"])
def test_terse_modules_are_read(name):
    assert output.read_modules(capture(name)) == SLEAP_MODULES


def test_modules_in_columns_are_read():
    found = output.read_modules(capture("modules_columns.txt"))
    assert {*SLEAP_MODULES, "cuda/11.8", "dot"} <= set(found)


def test_lmods_listing_with_marks_and_colours_is_read():
    text = (
        "\x1b[1;34m/apps/modules\x1b[0m:\nSLEAP/\nSLEAP/2023-08-01\n"
        "SLEAP/2026-05-08 (default)\nSLEAP/2027 <L>\n"
    )
    assert output.read_modules(text) == (
        "SLEAP/2023-08-01",
        "SLEAP/2026-05-08",
        "SLEAP/2027",
    )


# -- reasons and garbage -----------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("None", ""),
        ("Priority", "ahead"),
        ("(Resources)", "next"),
        ("ReqNodeNotAvail, UnavailableNodes:gpu-380-10", "gpu-380-10"),
        ("ReqNodeNotAvail, Reserved for maintenance", "maintenance"),
        ("QOSMaxGRESPerUser", "You have reached the limit of GPUs"),
        ("MaxNodePerAccount", "Your account has reached its limit of nodes"),
        ("QOSMaxWallDurationPerJobLimit", "more running time than the QoS allows"),
        ("AssocGrpCPUMinutesLimit", "has used up its time on CPUs"),
        ("MaxCpuRunMinsPerUser", "all the time on CPUs"),
        ("QOSMinGRES", "a minimum of GPUs"),
        ("launch_failed_requeued_held", "held"),
        ("AssocGrpMemLimit", "limit of memory"),
        ("PartitionTimeLimit", "never start"),
        ("SomethingNew", "SomethingNew"),
    ],
)
def test_a_reason_is_a_sentence(reason, words):
    assert words in output.reason_in_words(reason)


def test_every_reason_of_slurm_20_to_25_has_words():
    names = capture("reasons.txt").split()
    assert len(names) > 200
    assert [n for n in names if "SLURM says" in output.reason_in_words(n)] == []


def test_a_paused_job_is_told():
    assert "paused" in output.state_in_words("SUSPENDED")
    assert output.state_in_words("RUNNING") == ""


@given(st.text(max_size=300) | st.text("0123456789_[]-%:,.|\nabNA ", max_size=300))
def test_garbage_is_never_an_exception(text):
    for read in (
        output.read_queue,
        output.read_accounting,
        output.read_partitions,
        output.read_modules,
        output.read_state,
        output.reason_in_words,
    ):
        read(text)


@given(st.integers(-1, 255), st.text(max_size=80), st.text(max_size=80))
def test_any_answer_of_sbatch_is_an_id_or_one_of_three_errors(code, out, err):
    try:
        assert output.read_submission(Result(code, out, err)).isdigit()
    except (ClusterBusy, SubmissionRefused, SubmissionUnconfirmed) as error:
        words = str(error)
    else:
        words = ""
    assert not re.search(r"[\x00-\x1f]", words)


@pytest.mark.parametrize(
    ("cpu", "seconds"),
    [
        ("00:01.204", 1.204),
        ("29:03.120", 1743.12),
        ("01:02:03", 3723.0),
        ("2-01:00:00", 176400.0),
        ("", None),
    ],
)
def test_computing_time_is_read_where_sacct_tells_it(cpu, seconds):
    line = "7|COMPLETED|0:0|60||1000000000|1000000001|1000000061|None|n1|{}|sleap-x"
    (report,) = output.read_accounting(line.format(cpu))
    assert report.cpu_seconds == seconds
    assert (report.node, report.name) == ("n1", "sleap-x")
