"""What each field of the submit dialog is, in a sentence: SLURM's terms, once.

The sentence is the tooltip, *What's This* and the accessible description.
"""

from __future__ import annotations

from typing import Dict, Sequence

from qtpy.QtWidgets import QWidget

from sleap_remote_plugin.jobs.field_rules import FieldRule, in_words, rule_of
from sleap_remote_plugin.qt.dialogs.explained import explain
from sleap_remote_plugin.words import tr

#: By `Resources`' field, and the dialog's own few.
HELP: Dict[str, str] = {
    "name": tr("How you find the job in the list: any words."),
    "module": tr("The SLEAP on the cluster that does the work."),
    "partition": tr(
        "The queue that the job waits in (sbatch --partition): a group of "
        "nodes with a time limit; “sinfo” on the cluster lists them."
    ),
    "gpus": tr(
        "How many graphics cards (--gres): without one SLEAP is slow, and it uses "
        "one, whatever else it is given."
    ),
    "gpu_type": tr("A card of this type only (--gres gpu:TYPE:1); any starts soonest."),
    "cpus": tr(
        "Processor cores (--cpus-per-task), which load and prepare the images: 4 to 16."
    ),
    "memory": tr(
        "Main memory for all cores together (--mem), such as 32G: a job that "
        "needs more is ended."
    ),
    "time": tr(
        "The job is ended after this time (--time): hours:minutes:seconds, or "
        "days-hours. A shorter time often starts sooner."
    ),
    "account": tr(
        "Whose share of the cluster pays for the job (--account); empty: your "
        "usual one."
    ),
    "qos": tr(
        "A quality of service (--qos): a named set of limits and priority; empty: "
        "the usual one."
    ),
    "constraint": tr(
        "Only nodes with these features (--constraint): the cluster's pages name them."
    ),
    "exclude": tr(
        "Nodes to stay away from (--exclude), with commas: gpu-sr670-20,gpu-380-[1-4]."
    ),
    "begin": tr("Not before this time (--begin): 22:00, tomorrow, now+2hours."),
    "dependency": tr(
        "Only after other jobs (--dependency): afterok:4711 when job 4711 ended well."
    ),
    "mail": tr(
        "SLURM writes to this address at the end (--mail-user), where the cluster "
        "sends mail."
    ),
    "at_once": tr(
        "How many videos at the same time (--array %N): leave the others a few cards."
    ),
    "extra": tr("Further options of sbatch, one a line, such as --nice=100."),
}


def explain_field(
    widget: QWidget, field: str, name: str = "", rules: Sequence[FieldRule] = ()
) -> None:
    """Say what a field of the submit dialog is for.

    Parameters
    ----------
    name : str
        The accessible name, where no label is its buddy.
    rules : sequence of FieldRule
        The profile's: its help takes the place of ours, and its limits are added.
    """
    explain(widget, help_of(field, rules))
    if name:
        widget.setAccessibleName(name)


def help_of(field: str, rules: Sequence[FieldRule] = ()) -> str:
    """The sentence, and what the profile allows."""
    rule = rule_of(rules, field)
    text = rule.help or HELP[field]
    limits = []
    if rule.least is not None:
        limits.append(tr("at least ") + in_words(field, rule.least))
    if rule.most is not None:
        limits.append(tr("at most ") + in_words(field, rule.most))
    if limits:
        text = tr("{} Here {}.").format(text, ", ".join(limits))
    return text
