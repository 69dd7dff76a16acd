"""What went wrong: a job's end and the end of its log -> cause, evidence, remedy.

A table, tried from top to bottom; the most certain comes first. It says nothing of
jobs that ended well.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Optional, Tuple

from sleap_remote_plugin.jobs.chain import was_not_run
from sleap_remote_plugin.jobs.job import Job, JobState


class ScriptExit(enum.IntEnum):
    """Exit codes of our own batch script; SLEAP's are 0, 1, 2 and signals."""

    SECOND_RUN = 90
    MODULE = 91
    SLEAP = 92
    GPU = 93
    FOLDER = 94
    TASK = 95
    OUTPUT = 96
    MODELS = 97


@dataclass(frozen=True)
class Diagnosis:
    """Why a job did not end well.

    Attributes
    ----------
    cause : str
        What happened, in a sentence.
    evidence : str
        The line of the log, or SLURM's word, that says so.
    remedy : str
        What is safe, and what to do next.
    """

    cause: str
    evidence: str
    remedy: str


_AGAIN = "The package is kept; submit it again"

_BY_EXIT = {
    ScriptExit.SECOND_RUN: (
        "This job had already been started by another SLURM job, so the second one "
        "did nothing.",
        "Nothing was done twice. Look at the first job's results.",
    ),
    ScriptExit.MODULE: (
        "The SLEAP module could not be loaded on the node.",
        _AGAIN + " with another module, or ask the cluster's people whether it is "
        "still there.",
    ),
    ScriptExit.SLEAP: (
        "The module was loaded, but has no SLEAP command of the expected version.",
        "Check the module's `sleap:` version in the cluster profile, or choose "
        "another module. " + _AGAIN + ".",
    ),
    ScriptExit.GPU: (
        "The node gave this job no GPU.",
        _AGAIN + " and exclude this node; tell the cluster's people about it.",
    ),
    ScriptExit.FOLDER: (
        "The job's folder cannot be reached or written from the node.",
        "Check that it is on a disk that the cluster's nodes see, and that you may "
        "write there. " + _AGAIN + ".",
    ),
    ScriptExit.TASK: (
        "SLURM started a task that this job does not have.",
        "Nothing was harmed. Submit the job again.",
    ),
    ScriptExit.OUTPUT: (
        "SLEAP ended without an error, but wrote no predictions.",
        "Read the log; the models may find nothing in this video.",
    ),
    ScriptExit.MODELS: (
        "The models that the training before it should have made are not there, or "
        "not whole.",
        "Nothing was predicted. Look at the training's log and train again; once its "
        "models are there, this prediction can be submitted again.",
    ),
}

_MORE_MEMORY = _AGAIN + " with twice the memory."

_BY_STATE = {
    JobState.OUT_OF_MEMORY: (
        "The job needed more memory than it had asked for.",
        _MORE_MEMORY,
    ),
    JobState.TIMED_OUT: (
        "The job reached its time limit.",
        "What was written until then is kept: a model is as good as its best epoch. "
        "Submit it again with more time.",
    ),
    JobState.NODE_FAILED: (
        "The node that ran the job failed.",
        "It was not the job's fault. " + _AGAIN + ".",
    ),
    JobState.PREEMPTED: (
        "The job had to make way for a more urgent one.",
        _AGAIN + ", in a partition where that does not happen if there is one.",
    ),
    JobState.CANCELLED: (
        "The job was cancelled.",
        "What was written until then is kept. " + _AGAIN + " if that was not meant.",
    ),
    JobState.LOST: (
        "Neither SLURM nor the job's own files tell how it ended.",
        "Look into its folder for results. " + _AGAIN + " if there are none.",
    ),
}

#: (pattern in the log, cause, remedy); the first that fits counts.
_BY_LOG: Tuple[Tuple[str, str, str], ...] = (
    (
        r"CUDA out of memory|torch\.(cuda\.)?OutOfMemoryError|"
        r"ResourceExhaustedError|OOM when allocating|CUDA_ERROR_OUT_OF_MEMORY",
        "The GPU ran out of memory.",
        "Use a smaller batch size or a lower input scaling, or ask for a GPU with "
        "more memory. " + _AGAIN + ".",
    ),
    (
        r"oom-kill event|oom_kill|Out Of Memory|MemoryError|Cannot allocate memory",
        "The job ran out of memory.",
        _MORE_MEMORY,
    ),
    (
        r"DUE TO TIME LIMIT",
        _BY_STATE[JobState.TIMED_OUT][0],
        _BY_STATE[JobState.TIMED_OUT][1],
    ),
    (
        r"No space left on device|Disk quota exceeded|Errno 28|Errno 122",
        "The disk is full, or your quota on it is used up.",
        "Make room on the disk. " + _AGAIN + ".",
    ),
    (
        r"no kernel image is available|not compatible with the current PyTorch|"
        r"cudaErrorNoKernelImageForDevice|CUDA capability sm_\d+ is not",
        "The node's GPU is too old for this SLEAP.",
        _AGAIN + " and ask for another GPU type (not p5000 with SLEAP 1.5 and newer).",
    ),
    (
        r"No CUDA GPUs are available|CUDA driver version is insufficient|"
        r"CUDA unknown error|no CUDA-capable device|list index out of range"
        r"(?=[\s\S]{0,200}gpu)",
        "SLEAP found no GPU that it can use on the node.",
        _AGAIN + " and exclude this node, or ask for another GPU type.",
    ),
    (
        r"You set `--ntasks=\d+`",
        "The batch script asked for more than one task, which SLEAP 1.5 and newer "
        "refuse.",
        "Submit the job from SLEAP again: scripts of this program ask for one task "
        "with several CPUs.",
    ),
    (
        r"OverrideParseException|mismatched input|LexerNoViableAlt|"
        r"ConfigCompositionException|Could not override",
        "SLEAP did not understand a setting that was given on its command line.",
        "Rename the training run to letters, digits and dots. " + _AGAIN + ".",
    ),
    (
        r"shape=\(None, (\d+), (\d+), [13]\), found shape=\(None, \1, \2, [13]\)|"
        r"expected input\[[^\n]*to have [13] channels|"
        r"expected axis -1[^\n]*value [13]\b|(rgb|grayscale)[^\n]*mismatch",
        "The video's colours do not fit the model: one is RGB, the other greyscale.",
        "Set greyscale alike for the video and the model, or predict with batch size "
        "1. " + _AGAIN + ".",
    ),
    (
        r"Input 0 of layer \"?model\"? is incompatible|is incompatible with the layer",
        "The images have another size than the model expects; SLEAP 1.3 and 1.4 fail "
        "so when input scaling is not 1 for centered instance models.",
        "Set input scaling to 1.0 for that model and export again. The models that "
        "were finished are kept.",
    ),
    (
        r"Unable to load frame|Failed to read frame|KeyError: 'Unable to load frame|"
        r"Could not read frame|error while decoding|moov atom not found|"
        r"Invalid data found when processing input",
        "A frame of the video cannot be read.",
        "Encode the video anew: ffmpeg -y -i VIDEO -c:v libx264 -pix_fmt yuv420p "
        "-preset superfast -crf 23 NEW.mp4 - or leave its last frames out.",
    ),
    (
        r"(FileNotFoundError|No such file or directory|Could not find|does not exist)"
        r"[^\n]*\.(mp4|avi|mov|mkv|h5|hdf5|tif|tiff|seq|json|yaml|slp)\b|"
        r"Video file not found|Could not find training profile|"
        r"Cannot find primary config|Model path does not exist|"
        r"FileNotFoundError: \[Errno 2\]",
        "A file was not where the job looked for it on the cluster.",
        "Check that it lies on the cluster's disk and was not moved. " + _AGAIN + ".",
    ),
    (
        r"Permission denied|PermissionError|Errno 13",
        "The job was not allowed to read or write a file.",
        "Check who owns the folder and whether your cluster account may write there. "
        + _AGAIN
        + ".",
    ),
    (
        r"Tracker .{0,40}(not|un)|KeyError: '(simple|flow)maxtracks'",
        "The SLEAP on the cluster does not have the chosen tracker.",
        "Choose the simple or the flow tracker. " + _AGAIN + ".",
    ),
    (
        r"unrecognized arguments|No such option|No such command|"
        r"(sleap|sleap-train|sleap-track): command not found|"
        r"JSONDecodeError|No model config found|Key '[^']+' is not in struct",
        "The cluster's SLEAP is of another version than the package was made for.",
        "Choose the module that fits your SLEAP. " + _AGAIN + ".",
    ),
    (
        r"operator torchvision::nms does not exist|ImportError|ModuleNotFoundError|"
        r"cannot open shared object file|undefined symbol",
        "The SLEAP of this module is not whole: a part of it cannot be loaded.",
        "Choose another module and tell the cluster's people.",
    ),
    (
        r"DUE TO PREEMPTION",
        _BY_STATE[JobState.PREEMPTED][0],
        _BY_STATE[JobState.PREEMPTED][1],
    ),
    (
        r"DUE TO NODE FAILURE|NODE_FAIL",
        _BY_STATE[JobState.NODE_FAILED][0],
        _BY_STATE[JobState.NODE_FAILED][1],
    ),
)

_TROUBLED = (JobState.FAILED, JobState.INCOMPLETE)
_ERROR_LINE = re.compile(
    r"^\s*([\w.]*(Error|Exception|Failure)\b|.*\berror\b.*:)", re.I
)


def diagnose(job: Job, log_tail: str) -> Optional[Diagnosis]:
    """Why a job did not end well; None for one that did, or that has not ended.

    Parameters
    ----------
    log_tail : str
        The end of its log or logs; may be empty.
    """
    if not job.state.is_final or job.state is JobState.COMPLETED:
        return None
    if was_not_run(job):
        return Diagnosis(
            job.note,
            _shown(job.reason or "cancelled by SLURM"),
            "Nothing was predicted. Submit the training again, and let the prediction "
            "follow it; once there are models, the prediction can be submitted alone.",
        )
    log_tail = log_tail[-200_000:]
    code, signal = exit_of(job)
    if code in _BY_EXIT:
        cause, remedy = _BY_EXIT[ScriptExit(code)]
        return Diagnosis(cause, _last_line(log_tail) or _shown(job.exit_code), remedy)
    if (code, signal) == (0, 53) and not log_tail.strip():
        return Diagnosis(
            "SLURM could not start the job: its folder cannot be written from the "
            "node, so there is not even a log.",
            "exit code 0:53",
            "Check that the folder is on a disk that the nodes see, and that you may "
            "write there. The package is kept; submit it again.",
        )
    if job.state in (JobState.CANCELLED, JobState.PREEMPTED, JobState.NODE_FAILED):
        return _by_state(job)
    return _by_log(job, log_tail) or _by_state(job) or _fallback(job, log_tail)


def exit_of(job: Job) -> Tuple[int, int]:
    for task in job.tasks:
        if task.exit_code in _BY_EXIT:
            return int(task.exit_code or 0), 0
    match = re.fullmatch(r"(\d{1,5}):(\d{1,5})", job.exit_code)
    return (int(match.group(1)), int(match.group(2))) if match else (0, 0)


def _by_log(job: Job, log_tail: str) -> Optional[Diagnosis]:
    by_state = job.state not in _TROUBLED
    for pattern, cause, remedy in _BY_LOG:
        matches = list(re.finditer(pattern, log_tail))
        if not matches:
            continue
        if by_state and job.state is not JobState.OUT_OF_MEMORY:
            # SLURM said how it ended; the log only adds a GPU without memory.
            return None
        return Diagnosis(cause, _line_at(log_tail, matches[-1].start()), remedy)
    return None


def _by_state(job: Job) -> Optional[Diagnosis]:
    if job.state not in _BY_STATE:
        return None
    cause, remedy = _BY_STATE[job.state]
    if job.state is JobState.NODE_FAILED and job.node:
        cause = "The node {} that ran the job failed.".format(job.node)
    word = job.reason or job.state.value.replace("_", " ")
    return Diagnosis(cause, _shown(word), remedy)


def _fallback(job: Job, log_tail: str) -> Diagnosis:
    failed = [task.title for task in job.tasks if task.exit_code not in (None, 0)]
    if job.state is JobState.INCOMPLETE:
        cause = "The job ended, but not everything that it should make is there."
    elif failed:
        cause = "{} failed.".format(", ".join(failed))
    else:
        cause = "The job failed."
    return Diagnosis(
        cause,
        _last_line(log_tail) or _shown("exit code " + (job.exit_code or "unknown")),
        "Read the log. The package and what was finished are kept; submit it again "
        "once the cause is gone.",
    )


def _line_at(text: str, place: int) -> str:
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    return _shown(text[start : end if end >= 0 else len(text)])


def _last_line(text: str) -> str:
    """The last line that looks like an error, else the last that says something."""
    lines = [line for line in text.splitlines() if line.strip()]
    for line in reversed(lines[-200:]):
        if _ERROR_LINE.match(line[:1000]):
            return _shown(line)
    return _shown(lines[-1]) if lines else ""


def _shown(line: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", line)
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", plain).strip()[:300]
