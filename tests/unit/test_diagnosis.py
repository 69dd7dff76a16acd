from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.causes import ScriptExit
from sleap_remote_plugin.jobs.deeds import Deed
from sleap_remote_plugin.jobs.diagnosis import diagnose
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.resources import Resources


def ended(state=JobState.FAILED, exit_code="1:0", **values):
    return Job(
        "u",
        JobKind.TRAIN,
        "n",
        "p",
        "/f",
        "c",
        Resources(),
        state=state,
        exit_code=exit_code,
        **values,
    )


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate",
            "GPU ran out",
        ),
        ("ResourceExhaustedError: OOM when allocating tensor", "GPU ran out"),
        (
            "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=27.batch.",
            "out of memory",
        ),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("OSError: [Errno 122] Disk quota exceeded", "disk is full"),
        ("CUDA error: no kernel image is available for execution", "too old"),
        ("RuntimeError: No CUDA GPUs are available", "no GPU"),
        ("RuntimeError: You set `--ntasks=2` in your SLURM bash script", "one task"),
        ("hydra.errors.OverrideParseException: mismatched input '='", "command line"),
        ("KeyError: 'Unable to load frame 1200 from MediaVideo'", "cannot be read"),
        ("[mov,mp4] moov atom not found", "cannot be read"),
        ("FileNotFoundError: Could not find file /data/v.mp4", "looked for it"),
        (
            'ValueError: Input 0 of layer "model" is incompatible with the layer: '
            "expected shape=(None, 80, 80, 1), found shape=(None, 40, 40, 1)",
            "another size",
        ),
        (
            'ValueError: Input 0 of layer "model" is incompatible with the layer: '
            "expected shape=(None, 80, 80, 1), found shape=(None, 80, 80, 3)",
            "RGB",
        ),
        ("RuntimeError: expected input[1, 3, 8, 8] to have 1 channels, but", "RGB"),
        ("Exception: Cannot find primary config 'centroid.yaml'.", "looked for it"),
        ("./x: Permission denied", "not allowed"),
        ("KeyError: 'simplemaxtracks'", "tracker"),
        ("sleap-track: error: unrecognized arguments: --x", "another version"),
        ("RuntimeError: operator torchvision::nms does not exist", "not whole"),
    ],
)
def test_a_known_line_is_explained_and_quoted(log, words):
    found = diagnose(ended(), "start\nmore\n" + log + "\nend\n")
    assert words in found.cause + found.remedy
    assert found.evidence in log
    assert found.remedy.endswith((".", "out."))


def test_a_video_that_cannot_be_read_comes_with_the_command_that_mends_it():
    found = diagnose(ended(), "Failed to read frame 12")
    assert "ffmpeg -y -i" in found.remedy


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (JobState.OUT_OF_MEMORY, "memory"),
        (JobState.TIMED_OUT, "time limit"),
        (JobState.NODE_FAILED, "node"),
        (JobState.PREEMPTED, "make way"),
        (JobState.CANCELLED, "cancelled"),
        (JobState.LOST, "Neither"),
    ],
)
def test_each_end_that_slurm_tells_is_explained(state, words):
    assert words in diagnose(ended(state), "").cause


def test_the_state_wins_over_an_older_line_of_the_log():
    found = diagnose(ended(JobState.TIMED_OUT), "PermissionError: harmless\n")
    assert "time limit" in found.cause


@pytest.mark.parametrize("code", list(ScriptExit))
def test_each_exit_of_our_own_script_is_explained(code):
    found = diagnose(ended(exit_code="{}:0".format(int(code))), "last words\n")
    assert found.evidence == "last words"
    assert "exit" not in found.cause
    assert isinstance(found.deed, Deed)


def test_a_task_of_an_array_can_tell_it_too():
    tasks = (Task("v", "o", exit_code=0), Task("w", "o", exit_code=int(ScriptExit.GPU)))
    assert "GPU" in diagnose(ended(tasks=tasks, exit_code=""), "").cause


def test_a_job_that_left_no_log_had_a_folder_it_could_not_write():
    assert "folder" in diagnose(ended(exit_code="0:53"), "").cause


def test_an_unknown_failure_quotes_the_last_error_line():
    log = "Traceback\n  File x\nValueError: something new\nslow shutdown\n"
    found = diagnose(ended(tasks=(Task("centroid", "o", exit_code=1),)), log)
    assert found.evidence == "ValueError: something new"
    assert "centroid failed" in found.cause


@pytest.mark.parametrize(
    "state", [JobState.COMPLETED, JobState.RUNNING, JobState.QUEUED]
)
def test_a_job_that_is_well_has_no_diagnosis(state):
    assert diagnose(ended(state), "CUDA out of memory") is None


@given(st.sampled_from(list(JobState)), st.text(max_size=200), st.text(max_size=12))
def test_any_end_with_any_log_gives_clean_sentences(state, log, code):
    found = diagnose(ended(state, code), log)
    if found is not None:
        assert found.cause
        assert found.remedy
        assert found.evidence.isprintable() or not all(
            ord(c) < 128 for c in found.evidence
        )


@pytest.mark.parametrize(
    ("state", "code", "log", "deed"),
    [
        (JobState.OUT_OF_MEMORY, "0:125", "", Deed.MORE_MEMORY),
        (JobState.FAILED, "1:0", "MemoryError", Deed.MORE_MEMORY),
        (JobState.TIMED_OUT, "0:15", "", Deed.MORE_TIME),
        (JobState.FAILED, "1:0", "CUDA out of memory", Deed.SMALLER_BATCH),
        (JobState.OUT_OF_MEMORY, "0:125", "CUDA out of memory", Deed.SMALLER_BATCH),
        (JobState.FAILED, "91:0", "", Deed.OTHER_MODULE),
        (JobState.FAILED, "93:0", "", Deed.WITHOUT_NODE),
        (JobState.FAILED, "1:0", "No CUDA GPUs are available", Deed.WITHOUT_NODE),
        (JobState.FAILED, "94:0", "", Deed.CHECK),
        (JobState.FAILED, "0:53", "", Deed.CHECK),
        (JobState.FAILED, "1:0", "ValueError: something new", Deed.SHOW_LOG),
        (JobState.CANCELLED, "0:15", "", Deed.AGAIN),
        (JobState.LOST, "", "", Deed.OPEN_FOLDER),
    ],
)
def test_a_cause_has_the_deed_that_helps(state, code, log, deed):
    assert diagnose(ended(state, code), log).deed is deed
