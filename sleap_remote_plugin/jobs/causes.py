"""Causes of a job's end: exit codes, SLURM's states and lines of a log, as tables.

Each has a sentence on what happened, one on what to do, and what a button can do of
that. How they are tried is diagnosis.py's.
"""

from __future__ import annotations

import enum
from typing import Dict, NamedTuple, Tuple

from sleap_remote_plugin.jobs.deeds import Deed
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.words import tr


class Cause(NamedTuple):
    """What happened, what to do next, and the button for it."""

    cause: str
    remedy: str
    deed: Deed


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


_AGAIN = tr("The package is kept; submit it again")

BY_EXIT: Dict[int, Cause] = {
    ScriptExit.SECOND_RUN: Cause(
        tr(
            "This job had already been started by another SLURM job, so the second one "
            "did nothing."
        ),
        tr("Nothing was done twice. Look at the first job's results."),
        Deed.OPEN_FOLDER,
    ),
    ScriptExit.MODULE: Cause(
        tr("The SLEAP module could not be loaded on the node."),
        _AGAIN
        + tr(
            " with another module, or ask the cluster's people whether it is "
            "still there."
        ),
        Deed.OTHER_MODULE,
    ),
    ScriptExit.SLEAP: Cause(
        tr("The module was loaded, but has no SLEAP command of the expected version."),
        tr(
            "Check the module's `sleap:` version in the cluster profile, or choose "
            "another module. "
        )
        + _AGAIN
        + ".",
        Deed.OTHER_MODULE,
    ),
    ScriptExit.GPU: Cause(
        tr("The node gave this job no GPU."),
        _AGAIN + tr(" and exclude this node; tell the cluster's people about it."),
        Deed.WITHOUT_NODE,
    ),
    ScriptExit.FOLDER: Cause(
        tr("The job's folder cannot be reached or written from the node."),
        tr(
            "Check that it is on a disk that the cluster's nodes see, and that you may "
            "write there. "
        )
        + _AGAIN
        + ".",
        Deed.CHECK,
    ),
    ScriptExit.TASK: Cause(
        tr("SLURM started a task that this job does not have."),
        tr("Nothing was harmed. Submit the job again."),
        Deed.AGAIN,
    ),
    ScriptExit.OUTPUT: Cause(
        tr("SLEAP ended without an error, but wrote no predictions."),
        tr("Read the log; the models may find nothing in this video."),
        Deed.SHOW_LOG,
    ),
    ScriptExit.MODELS: Cause(
        tr(
            "The models that the training before it should have made are not there, or "
            "not whole."
        ),
        tr(
            "Nothing was predicted. Look at the training's log and train again; once "
            "its models are there, this prediction can be submitted again."
        ),
        Deed.AGAIN,
    ),
}

_MORE_MEMORY = _AGAIN + tr(" with twice the memory.")

BY_STATE: Dict[JobState, Cause] = {
    JobState.OUT_OF_MEMORY: Cause(
        tr("The job needed more memory than it had asked for."),
        _MORE_MEMORY,
        Deed.MORE_MEMORY,
    ),
    JobState.TIMED_OUT: Cause(
        tr("The job reached its time limit."),
        tr(
            "What was written until then is kept: a model is as good as its best "
            "epoch. Submit it again with more time."
        ),
        Deed.MORE_TIME,
    ),
    JobState.NODE_FAILED: Cause(
        tr("The node that ran the job failed."),
        tr("It was not the job's fault. ") + _AGAIN + ".",
        Deed.AGAIN,
    ),
    JobState.PREEMPTED: Cause(
        tr("The job had to make way for a more urgent one."),
        _AGAIN + tr(", in a partition where that does not happen if there is one."),
        Deed.AGAIN,
    ),
    JobState.CANCELLED: Cause(
        tr("The job was cancelled."),
        tr("What was written until then is kept. ")
        + _AGAIN
        + tr(" if that was not meant."),
        Deed.AGAIN,
    ),
    JobState.LOST: Cause(
        tr("Neither SLURM nor the job's own files tell how it ended."),
        tr("Look into its folder for results. ") + _AGAIN + tr(" if there are none."),
        Deed.OPEN_FOLDER,
    ),
}

#: (pattern in the log, cause); the first that fits counts.
BY_LOG: Tuple[Tuple[str, Cause], ...] = (
    (
        r"CUDA out of memory|torch\.(cuda\.)?OutOfMemoryError|"
        r"ResourceExhaustedError|OOM when allocating|CUDA_ERROR_OUT_OF_MEMORY",
        Cause(
            tr("The GPU ran out of memory."),
            tr(
                "Use a smaller batch size or a lower input scaling, or ask for a GPU "
                "with more memory. "
            )
            + _AGAIN
            + ".",
            Deed.SMALLER_BATCH,
        ),
    ),
    (
        r"oom-kill event|oom_kill|Out Of Memory|MemoryError|Cannot allocate memory",
        Cause(
            tr("The job ran out of memory."),
            _MORE_MEMORY,
            Deed.MORE_MEMORY,
        ),
    ),
    (
        r"DUE TO TIME LIMIT",
        BY_STATE[JobState.TIMED_OUT],
    ),
    (
        r"No space left on device|Disk quota exceeded|Errno 28|Errno 122",
        Cause(
            tr("The disk is full, or your quota on it is used up."),
            tr("Make room on the disk. ") + _AGAIN + ".",
            Deed.SHOW_LOG,
        ),
    ),
    (
        r"no kernel image is available|not compatible with the current PyTorch|"
        r"cudaErrorNoKernelImageForDevice|CUDA capability sm_\d+ is not",
        Cause(
            tr("The node's GPU is too old for this SLEAP."),
            _AGAIN
            + tr(" and ask for another GPU type (not p5000 with SLEAP 1.5 and newer)."),
            Deed.AGAIN,
        ),
    ),
    (
        r"No CUDA GPUs are available|CUDA driver version is insufficient|"
        r"CUDA unknown error|no CUDA-capable device|list index out of range"
        r"(?=[\s\S]{0,200}gpu)",
        Cause(
            tr("SLEAP found no GPU that it can use on the node."),
            _AGAIN + tr(" and exclude this node, or ask for another GPU type."),
            Deed.WITHOUT_NODE,
        ),
    ),
    (
        r"You set `--ntasks=\d+`",
        Cause(
            tr(
                "The batch script asked for more than one task, which SLEAP 1.5 and "
                "newer refuse."
            ),
            tr(
                "Submit the job from SLEAP again: scripts of this program ask for one "
                "task with several CPUs."
            ),
            Deed.SHOW_LOG,
        ),
    ),
    (
        r"OverrideParseException|mismatched input|LexerNoViableAlt|"
        r"ConfigCompositionException|Could not override",
        Cause(
            tr(
                "SLEAP did not understand a setting that was given on its command line."
            ),
            tr("Rename the training run to letters, digits and dots. ") + _AGAIN + ".",
            Deed.SHOW_LOG,
        ),
    ),
    (
        r"shape=\(None, (\d+), (\d+), [13]\), found shape=\(None, \1, \2, [13]\)|"
        r"expected input\[[^\n]*to have [13] channels|"
        r"expected axis -1[^\n]*value [13]\b|(rgb|grayscale)[^\n]*mismatch",
        Cause(
            tr(
                "The video's colours do not fit the model: one is RGB, the other "
                "greyscale."
            ),
            tr(
                "Set greyscale alike for the video and the model, or predict with "
                "batch size 1. "
            )
            + _AGAIN
            + ".",
            Deed.SHOW_LOG,
        ),
    ),
    (
        tr(
            'Input 0 of layer \\"?model\\"? is incompatible|is incompatible with the '
            "layer"
        ),
        Cause(
            tr(
                "The images have another size than the model expects; SLEAP 1.3 and "
                "1.4 fail so when input scaling is not 1 for centered instance models."
            ),
            tr(
                "Set input scaling to 1.0 for that model and export again. The models "
                "that were finished are kept."
            ),
            Deed.SHOW_LOG,
        ),
    ),
    (
        r"Unable to load frame|Failed to read frame|KeyError: 'Unable to load frame|"
        r"Could not read frame|error while decoding|moov atom not found|"
        r"Invalid data found when processing input",
        Cause(
            tr("A frame of the video cannot be read."),
            tr(
                "Encode the video anew: ffmpeg -y -i VIDEO -c:v libx264 -pix_fmt "
                "yuv420p -preset superfast -crf 23 NEW.mp4 - or leave its last frames "
                "out."
            ),
            Deed.SHOW_LOG,
        ),
    ),
    (
        r"(FileNotFoundError|No such file or directory|Could not find|does not exist)"
        r"[^\n]*\.(mp4|avi|mov|mkv|h5|hdf5|tif|tiff|seq|json|yaml|slp)\b|"
        r"Video file not found|Could not find training profile|"
        r"Cannot find primary config|Model path does not exist|"
        r"FileNotFoundError: \[Errno 2\]",
        Cause(
            tr("A file was not where the job looked for it on the cluster."),
            tr("Check that it lies on the cluster's disk and was not moved. ")
            + _AGAIN
            + ".",
            Deed.CHECK,
        ),
    ),
    (
        r"Permission denied|PermissionError|Errno 13",
        Cause(
            tr("The job was not allowed to read or write a file."),
            tr(
                "Check who owns the folder and whether your cluster account may write "
                "there. "
            )
            + _AGAIN
            + ".",
            Deed.CHECK,
        ),
    ),
    (
        r"Tracker .{0,40}(not|un)|KeyError: '(simple|flow)maxtracks'",
        Cause(
            tr("The SLEAP on the cluster does not have the chosen tracker."),
            tr("Choose the simple or the flow tracker. ") + _AGAIN + ".",
            Deed.SHOW_LOG,
        ),
    ),
    (
        r"unrecognized arguments|No such option|No such command|"
        r"(sleap|sleap-train|sleap-track): command not found|"
        r"JSONDecodeError|No model config found|Key '[^']+' is not in struct",
        Cause(
            tr(
                "The cluster's SLEAP is of another version than the package was made "
                "for."
            ),
            tr("Choose the module that fits your SLEAP. ") + _AGAIN + ".",
            Deed.OTHER_MODULE,
        ),
    ),
    (
        r"operator torchvision::nms does not exist|ImportError|ModuleNotFoundError|"
        r"cannot open shared object file|undefined symbol",
        Cause(
            tr("The SLEAP of this module is not whole: a part of it cannot be loaded."),
            tr("Choose another module and tell the cluster's people."),
            Deed.OTHER_MODULE,
        ),
    ),
    (
        r"DUE TO PREEMPTION",
        BY_STATE[JobState.PREEMPTED],
    ),
    (
        r"DUE TO NODE FAILURE|NODE_FAIL",
        BY_STATE[JobState.NODE_FAILED],
    ),
)
