"""Why SLURM lets a job wait, or how it ended it, in plain words: one table.

SLURM 20.02 to 25.05 has some 200 reasons (its "Job Reason Codes"). Most are limits,
whose names are put together from parts; so are the sentences.
"""

from __future__ import annotations

import re
from typing import Dict

_NODES = "The nodes it needs are not available just now{}; it starts when they are."
_NEVER = "It can never start like this: {}. Cancel it and submit it with less."
_SHUT_OUT = (
    "It can never start like this: {}. Cancel it and submit it elsewhere, or ask the "
    "cluster's people."
)
_PEOPLE = "{}: ask the cluster's people if it stays so."
_ON_HOLD = "It is held after a fault: ask the cluster's people, or cancel it."

_WORDS: Dict[str, str] = {
    "None": "",
    "InvaildReason": "",  # SLURM's own spelling; it says nothing
    "InvalidReason": "",
    "Priority": "Other jobs are ahead of it in the queue.",
    "Resources": "It is next: it starts as soon as what it asks for is free.",
    "SchedDefer": "SLURM has not come to it yet; it is looked at soon.",
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
    "JobHoldMaxRequeue": "It was put back too often and is held now. Cancel it and "
    "submit it again.",
    "Reservation": "It waits for a reservation to begin.",
    "ReservationDeleted": "Its reservation is gone. Cancel it and submit it again.",
    "ReservationInvalid": "Its reservation may not be used. Cancel it and submit it "
    "again without one.",
    "Licenses": "It waits for a licence.",
    "Prolog": "The node is being made ready for it.",
    "NodeDown": _NODES.format(" (a node is down)"),
    "ReqNodeNotAvail": _NODES.format(""),
    "ReqNodesNotAvail": _NODES.format(""),
    "FrontEndDown": _NODES.format(" (a front end is down)"),
    "MaxPoweredUpNodes": "As many nodes are switched on as may be; it starts when one "
    "is free.",
    "PowerNotAvail": "There is not enough electric power just now; it starts later.",
    "PowerReserved": "Electric power is kept for other jobs; it starts later.",
    "MpiPortsBusy": "Network ports on its nodes are taken; it starts when they are "
    "free.",
    "MaintenanceWindow": "It would run into a maintenance of the cluster; it starts "
    "afterwards. A shorter time limit may let it start before.",
    "PartitionDown": "The partition is closed just now; it starts when it opens.",
    "PartitionInactive": "The partition is closed just now; it starts when it opens.",
    "PartitionTimeLimit": _NEVER.format(
        "its time limit is over what the partition allows"
    ),
    "PartitionNodeLimit": _NEVER.format("it asks for more nodes than there are"),
    "PartitionConfig": _NEVER.format("it asks for more than the partition has"),
    "MaxMemPerLimit": _NEVER.format(
        "it asks for more memory for each CPU or node than is allowed"
    ),
    "BadConstraints": _NEVER.format("no node has what it asks for"),
    "Constraints": _NEVER.format("no node has what it asks for"),
    "AccountNotAllowed": _SHUT_OUT.format("the account may not use this partition"),
    "QOSNotAllowed": _SHUT_OUT.format("the QoS may not be used here"),
    "InvalidAccount": _SHUT_OUT.format("the account is not valid"),
    "InvalidQOS": _SHUT_OUT.format("the QoS is not valid"),
    "AccountingPolicy": "It is over a limit of your account; it starts when others "
    "have finished.",
    "ResourceLimit": "A limit of the cluster is reached; it starts later.",
    "AssociationJobLimit": "Your account has reached its limit of running jobs; it "
    "starts when others have finished.",
    "AssociationResourceLimit": "Your account has reached one of its limits; it starts "
    "when others have finished.",
    "AssociationTimeLimit": "Your account has used up its time.",
    "QOSJobLimit": "The QoS has reached its limit of running jobs; it starts when "
    "others have finished.",
    "QOSResourceLimit": "The QoS has reached one of its limits; it starts when others "
    "have finished.",
    "QOSTimeLimit": "The QoS has used up its time.",
    "QOSUsageThreshold": "The account has used more than its share for this QoS; it "
    "starts when its share has grown again.",
    "BurstBufferResources": "It waits for the burst buffer.",
    "BurstBufferStageIn": "Its files are being brought to the burst buffer.",
    "BurstBufferOperation": _PEOPLE.format("The burst buffer failed"),
    "BlockMaxError": _PEOPLE.format("Nodes have too many errors"),
    "BlockFreeAction": _PEOPLE.format("Nodes are being freed"),
    "FedJobLock": "It waits for another cluster of the federation.",
    "SystemFailure": _PEOPLE.format("The cluster had a fault"),
    "JobLaunchFailure": "It could not be started on its node.",
    "DeadLine": "It cannot end before its deadline.",
    "DeadlineExceeded": "Its deadline is over.",
    "OutOfMemory": "It needed more memory than it had asked for.",
    "TimeLimit": "It reached its time limit.",
    "NonZeroExitCode": "A program of it ended with an error.",
    "RaisedSignal": "A program of it was ended by a signal.",
    "InactiveLimit": "It did nothing for too long.",
    "Preempted": "It had to make way for another job.",
    "NodeFail": "Its node failed.",
}

# The same in a few words, for a column; what is not here is put together below.
_BRIEF: Dict[str, str] = {
    "Priority": "others ahead",
    "Resources": "next in line",
    "Dependency": "after a job",
    "BeginTime": "starts later",
    "JobArrayTaskLimit": "few at a time",
    "JobArrayMaxLimit": "few at a time",
    "JobHoldMaxRequeue": "held",
    "Reservation": "reservation",
    "Licenses": "licence",
    "MaintenanceWindow": "maintenance",
    "PartitionDown": "partition closed",
    "PartitionInactive": "partition closed",
    "NodeDown": "nodes away",
    "ReqNodeNotAvail": "nodes away",
    "ReqNodesNotAvail": "nodes away",
    "FrontEndDown": "nodes away",
}

# What SLURM says in free text in the place of a reason, in small letters.
_TEXTS = (
    ("maintenance", _WORDS["MaintenanceWindow"]),
    ("nodes required for job are", _NODES.format(" (down, or kept for others)")),
    ("held", _ON_HOLD),
    ("launch failed", _ON_HOLD),
    ("user env", _ON_HOLD),
    ("burst_buffer", _WORDS["BurstBufferOperation"]),
)

# Parts of a limit's name, the first that fits counts.
_THINGS = (
    ("GRES", "GPUs"),
    ("BB", "burst buffer"),
    ("Billing", "billing units"),
    ("Energy", "energy"),
    ("License", "licences"),
    ("Mem", "memory"),
    ("Cpu", "CPUs"),
    ("CPU", "CPUs"),
    ("Node", "nodes"),
    ("Submit", "jobs in the queue"),
    ("Jobs", "running jobs"),
    ("Wall", "running time"),
    ("Time", "running time"),
    ("Unknown", "something that SLURM does not name"),
)
_LIMIT = re.compile(r"(QOS|Association|Assoc|Account|User)?(Grp|Max|Min)([A-Za-z]+)")


def reason_in_words(reason: str) -> str:
    """A sentence for one of SLURM's reasons; unknown ones are quoted.

    Examples
    --------
    >>> reason_in_words("Priority")
    'Other jobs are ahead of it in the queue.'
    >>> reason_in_words("QOSGrpGRES")
    'The QoS has reached its limit of GPUs; it starts when others have finished.'
    """
    cleaned = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", reason).strip(" ()")[:300]
    word, _, rest = cleaned.partition(",")
    word = word.strip()
    if word.startswith("ReqNode") and rest:
        return _unavailable(rest)
    if word in _WORDS:
        return _WORDS[word]
    limit = _LIMIT.fullmatch(word)
    if limit is not None:
        return _of_a_limit(limit.group(1) or "", limit.group(2), limit.group(3))
    plain = cleaned.replace("_", " ").lower()
    for part, sentence in _TEXTS:
        if part in plain:
            return sentence
    return "SLURM says: {}.".format(cleaned.rstrip(".")) if word else ""


def reason_in_brief(reason: str) -> str:
    """`reason_in_words` in two or three words; empty where there is no reason.

    Examples
    --------
    >>> reason_in_brief("Priority"), reason_in_brief("QOSGrpGRES")
    ('others ahead', 'limit reached')
    >>> reason_in_brief("PartitionTimeLimit")
    'can never start'
    """
    sentence = reason_in_words(reason)
    word = reason.strip(" ()").partition(",")[0].strip()
    if "maintenance" in sentence:
        return _BRIEF["MaintenanceWindow"]
    if word in _BRIEF:
        return _BRIEF[word]
    for part, brief in (
        ("never start", "can never start"),
        (" held", "held"),
        ("limit", "limit reached"),
        ("used up", "limit reached"),
        ("not available", "nodes away"),
        ("Cancel it", "cannot start"),
    ):
        if part in sentence:
            return brief
    return "waits" if sentence else ""


def needs_somebody(reason: str) -> bool:
    """Whether a job that waits for this reason waits until somebody does something.

    Examples
    --------
    >>> needs_somebody("JobHeldUser"), needs_somebody("Priority")
    (True, False)
    """
    words = reason_in_words(reason)
    return any(part in words for part in (" held", "never start", "Cancel it"))


def state_in_words(word: str) -> str:
    """A sentence for a job that has begun and yet does not work; else empty."""
    return {
        "SUSPENDED": "SLURM has paused it; it goes on by itself.",
        "STOPPED": "SLURM has paused it; it goes on by itself.",
    }.get(word.strip().upper(), "")


def _unavailable(rest: str) -> str:
    """``ReqNodeNotAvail, UnavailableNodes:gpu-380-10`` or ``, Reserved for ...``."""
    nodes = re.match(r"\s*UnavailableNodes:\s*(\S+)", rest)
    if nodes:
        return _NODES.format(" ({})".format(nodes.group(1)))
    if "maintenance" in rest.lower():
        return _WORDS["MaintenanceWindow"]
    if "reserved" in rest.lower():
        return _NODES.format(" (kept for others)")
    return _NODES.format("")


def _of_a_limit(whose: str, kind: str, name: str) -> str:
    """The many reasons like ``QOSMaxCpuPerUserLimit`` and ``MaxNodePerAccount``."""
    where = "the QoS" if whose == "QOS" else "your account"
    thing = next((text for key, text in _THINGS if key in name), "use")
    if kind == "Min":
        return (
            "It can never start like this: {} asks jobs for a minimum of {}. Cancel it "
            "and submit it with more.".format(where, thing)
        )
    if "PerJob" in name or "PerNode" in name:
        timed = " for so long" if "Minutes" in name else ""
        return _NEVER.format(
            "it asks for more {}{} than {} allows one job".format(thing, timed, where)
        )
    if "RunMin" in name:
        return (
            "Jobs that run already have taken all the time on {} that {} may plan; it "
            "starts when they have come further.".format(thing, where)
        )
    if "Minutes" in name:
        return "{} has used up its time on {}; it starts when there is new.".format(
            where[0].upper() + where[1:], thing
        )
    if whose == "User" or "PerUser" in name:
        said = "You have reached the limit of {} in {}".format(thing, where)
    else:
        said = "{} has reached its limit of {}".format(
            where[0].upper() + where[1:], thing
        )
    return said + "; it starts when others have finished."
