"""Why SLURM lets a job wait, or how it ended it, in plain words: one table."""

from __future__ import annotations

import re
from typing import Dict

_NODES = "The nodes it needs are not available just now{}; it starts when they are."
_LIMIT_OTHERS = "{} has reached its limit of {}; it starts when others have finished."
_NEVER = "It can never start like this: {}. Cancel it and submit it with less."

_WORDS: Dict[str, str] = {
    "None": "",
    "Priority": "Other jobs are ahead of it in the queue.",
    "Resources": "It is next: it starts as soon as what it asks for is free.",
    "Dependency": "It waits for another job to end.",
    "DependencyNeverSatisfied": "The job that it waits for has failed, so it never "
    "starts. Cancel it.",
    "BeginTime": "It was put back into the queue, or has a start time, and starts a "
    "little later.",
    "Cleaning": "It was put back into the queue and is being cleaned up.",
    "JobArrayTaskLimit": "Only so many tasks of this job run at once; it follows.",
    "JobArrayMaxLimit": "Only so many tasks of this job run at once; it follows.",
    "JobHeldUser": "It is held by you: release it with `scontrol release`.",
    "JobHeldAdmin": "It is held by an administrator: ask the cluster's people.",
    "Reservation": "It waits for a reservation to begin.",
    "ReservationDeleted": "Its reservation is gone. Cancel it and submit it again.",
    "Licenses": "It waits for a licence.",
    "Prolog": "The node is being made ready for it.",
    "NodeDown": _NODES.format(" (a node is down)"),
    "ReqNodeNotAvail": _NODES.format(""),
    "MaintenanceWindow": "It would run into a maintenance of the cluster; it starts "
    "afterwards. A shorter time limit may let it start before.",
    "PartitionDown": "The partition is closed just now; it starts when it opens.",
    "PartitionInactive": "The partition is closed just now; it starts when it opens.",
    "PartitionTimeLimit": _NEVER.format(
        "its time limit is over what the partition allows"
    ),
    "PartitionNodeLimit": _NEVER.format("it asks for more nodes than there are"),
    "PartitionConfig": _NEVER.format("it asks for more than the partition has"),
    "AccountNotAllowed": _NEVER.format("the account may not use this partition"),
    "QOSNotAllowed": _NEVER.format("the QoS may not be used here"),
    "BadConstraints": _NEVER.format("no node has what it asks for"),
    "InvalidAccount": _NEVER.format("the account is not valid"),
    "InvalidQOS": _NEVER.format("the QoS is not valid"),
    "AccountingPolicy": "It is over a limit of your account; it starts when others "
    "have finished.",
    "QOSTimeLimit": "Its QoS has used up its time.",
    "AssociationTimeLimit": "Your account has used up its time.",
    "MaxBBPercpuLimit": "A limit of the burst buffer is reached.",
    "BurstBufferResources": "It waits for the burst buffer.",
    "BurstBufferStageIn": "Its files are being brought to the burst buffer.",
    "BurstBufferOperation": "The burst buffer failed: ask the cluster's people.",
    "SystemFailure": "The cluster had a fault: ask its people if it stays so.",
    "JobLaunchFailure": "It could not be started on its node.",
    "JobHoldMaxRequeue": "It was put back too often and is held now. Cancel it and "
    "submit it again.",
    "ReqNodesNotAvail": _NODES.format(""),
    "FrontEndDown": _NODES.format(" (a front end is down)"),
    "FedJobLock": "It waits for another cluster of the federation.",
    "DeadLine": "It cannot end before its deadline.",
    "DeadlineExceeded": "Its deadline is over.",
    "ResourceLimit": "A limit of the cluster is reached; it starts later.",
    "OutOfMemory": "It needed more memory than it had asked for.",
    "TimeLimit": "It reached its time limit.",
    "NonZeroExitCode": "A program of it ended with an error.",
    "RaisedSignal": "A program of it was ended by a signal.",
    "InactiveLimit": "It did nothing for too long.",
    "Preempted": "It had to make way for another job.",
    "NodeFail": "Its node failed.",
}

_SUBJECTS = {
    "QOS": "The QoS",
    "Assoc": "Your account",
    "User": "You",
    "Account": "Your account",
    "Association": "Your account",
}
_THINGS = (
    ("GRES", "GPUs"),
    ("Cpu", "CPUs"),
    ("CPU", "CPUs"),
    ("Mem", "memory"),
    ("Node", "nodes"),
    ("Submit", "jobs in the queue"),
    ("Jobs", "running jobs"),
    ("Job", "running jobs"),
    ("Wall", "running time"),
    ("Time", "running time"),
    ("Billing", "billing units"),
    ("License", "licences"),
    ("Energy", "energy"),
    ("BB", "burst buffer"),
)


def reason_in_words(reason: str) -> str:
    """A sentence for one of SLURM's reasons; unknown ones are quoted.

    Examples
    --------
    >>> reason_in_words("Priority")
    'Other jobs are ahead of it in the queue.'
    >>> reason_in_words("QOSMaxGRESPerUser")
    'The QoS has reached its limit of GPUs; it starts when others have finished.'
    """
    cleaned = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", reason).strip(" ()")[:300]
    word, _, rest = cleaned.partition(",")
    word = word.strip()
    if word in _WORDS:
        nodes = re.match(r"\s*UnavailableNodes:\s*(\S+)", rest)
        if nodes and word.startswith("ReqNode"):
            return _NODES.format(" ({})".format(nodes.group(1)))
        return _WORDS[word]
    if not word:
        return ""
    return _of_a_limit(word) or "SLURM says: {}.".format(cleaned.rstrip("."))


def _of_a_limit(word: str) -> str:
    """The many reasons of the form ``QOSMaxCpuPerUserLimit``."""
    match = re.match(r"(QOS|Association|Assoc|Account|User)?(Grp|Max|Min)(\w+)", word)
    if match is None:
        return ""
    subject = _SUBJECTS.get(match.group(1) or "Assoc", "Your account")
    thing = next((text for key, text in _THINGS if key in match.group(3)), "use")
    if match.group(2) == "Min":
        return "{} asks jobs for a minimum of {}: submit it with more.".format(
            subject, thing
        )
    if subject == "You":
        return "You have reached your limit of {}; it starts later.".format(thing)
    return _LIMIT_OTHERS.format(subject, thing)
