"""What a user can do with a job: as buttons and menu entries call it, and its tooltip.

A name ends in dots where a window opens before anything is done, as in SLEAP's menus.
"""

from __future__ import annotations

from typing import Dict, NamedTuple

from sleap_remote_plugin.words import tr


class JobDeed(NamedTuple):
    """
    Attributes
    ----------
    text : str
        On a button, and in a menu.
    does : str
        Its tooltip.
    of_a_part : str
        The text for a job that ended early; empty: the same.
    """

    text: str
    does: str
    of_a_part: str = ""


#: objectName -> what it is, in the order of the buttons
JOB_DEEDS: Dict[str, JobDeed] = {
    "remote_load_predictions": JobDeed(
        tr("Load predictions..."),
        tr("Put this job's predictions into the open project. Your own labels stay."),
        tr("Load what is there..."),
    ),
    "remote_next_round": JobDeed(
        tr("Next round"),
        tr("Save the project under its next number, and set training as it was."),
    ),
    "remote_use_models": JobDeed(
        tr("Use models..."),
        tr("Open SLEAP's inference dialog with the models of this job."),
        tr("Use what is there..."),
    ),
    "remote_show_metrics": JobDeed(
        tr("Metrics..."),
        tr("Show how good the trained models are, in SLEAP's own window."),
    ),
    "remote_copy_models": JobDeed(
        tr("Copy models beside the project"),
        tr(
            "SLEAP then finds them without the mount. They stay in the job's folder "
            "too."
        ),
    ),
    "remote_submit_then": JobDeed(
        tr("Submit prediction"),
        tr(
            "The prediction that was to follow this training was not submitted: do it "
            "now."
        ),
    ),
    "remote_resubmit": JobDeed(
        tr("Submit again..."),
        tr("The same once more, with other memory, time or GPU if you like."),
    ),
    "remote_cancel_job": JobDeed(tr("Cancel job"), tr("Stop this job on the cluster.")),
    "remote_show_log": JobDeed(tr("Show log"), tr("The end of its log, below.")),
    "remote_open_folder": JobDeed(tr("Open folder"), tr("Show the job's files.")),
    "remote_copy_id": JobDeed(
        tr("Copy SLURM job id"), tr("For squeue, scancel or whoever helps you.")
    ),
    "remote_forget_job": JobDeed(
        tr("Remove from the list"),
        tr("The job's files stay; Find my jobs brings it back."),
    ),
}


def text_of_deed(name: str, is_part: bool = False) -> str:
    """What a button or an entry says.

    Parameters
    ----------
    is_part : bool
        Whether the job ended early.
    """
    deed = JOB_DEEDS[name]
    return (is_part and deed.of_a_part) or deed.text
