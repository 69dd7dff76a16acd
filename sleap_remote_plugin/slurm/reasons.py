"""Why SLURM lets a job wait, or how it ended it, in plain words: one table.

SLURM 20.02 to 25.05 has some 200 reasons (its "Job Reason Codes"). Most are limits,
whose names are put together from parts; so are the sentences.
"""

from __future__ import annotations

import re
from typing import Dict

from sleap_remote_plugin.words import tr

_NODES = tr("The nodes it needs are not available just now{}; it starts when they are.")
_NEVER = tr("It can never start like this: {}. Cancel it and submit it with less.")
_SHUT_OUT = tr(
    "It can never start like this: {}. Cancel it and submit it elsewhere, or ask the "
    "cluster's people."
)
_PEOPLE = tr("{}: ask the cluster's people if it stays so.")
_ON_HOLD = tr("It is held after a fault: ask the cluster's people, or cancel it.")

_WORDS: Dict[str, str] = {
    "None": "",
    "InvaildReason": "",  # SLURM's own spelling; it says nothing
    "InvalidReason": "",
    "Priority": tr("Other jobs are ahead of it in the queue."),
    "Resources": tr("It is next: it starts as soon as what it asks for is free."),
    "SchedDefer": tr("SLURM has not come to it yet; it is looked at soon."),
    "Dependency": tr("It waits for another job to end."),
    "DependencyNeverSatisfied": tr(
        "The job that it waits for has failed, so it never starts. Cancel it."
    ),
    "BeginTime": tr(
        "It was put back into the queue, or has a start time, and starts a "
        "little later."
    ),
    "Cleaning": tr("It was put back into the queue and is being cleaned up."),
    "JobArrayTaskLimit": tr("Only so many tasks of this job run at once; it follows."),
    "JobArrayMaxLimit": tr("Only so many tasks of this job run at once; it follows."),
    "JobHeldUser": tr("It is held by you: release it with `scontrol release`."),
    "JobHeldAdmin": tr("It is held by an administrator: ask the cluster's people."),
    "JobHoldMaxRequeue": tr(
        "It was put back too often and is held now. Cancel it and submit it again."
    ),
    "Reservation": tr("It waits for a reservation to begin."),
    "ReservationDeleted": tr("Its reservation is gone. Cancel it and submit it again."),
    "ReservationInvalid": tr(
        "Its reservation may not be used. Cancel it and submit it again without one."
    ),
    "Licenses": tr("It waits for a licence."),
    "Prolog": tr("The node is being made ready for it."),
    "NodeDown": _NODES.format(tr(" (a node is down)")),
    "ReqNodeNotAvail": _NODES.format(""),
    "ReqNodesNotAvail": _NODES.format(""),
    "FrontEndDown": _NODES.format(tr(" (a front end is down)")),
    "MaxPoweredUpNodes": tr(
        "As many nodes are switched on as may be; it starts when one is free."
    ),
    "PowerNotAvail": tr(
        "There is not enough electric power just now; it starts later."
    ),
    "PowerReserved": tr("Electric power is kept for other jobs; it starts later."),
    "MpiPortsBusy": tr(
        "Network ports on its nodes are taken; it starts when they are free."
    ),
    "MaintenanceWindow": tr(
        "It would run into a maintenance of the cluster; it starts "
        "afterwards. A shorter time limit may let it start before."
    ),
    "PartitionDown": tr("The partition is closed just now; it starts when it opens."),
    "PartitionInactive": tr(
        "The partition is closed just now; it starts when it opens."
    ),
    "PartitionTimeLimit": _NEVER.format(
        tr("its time limit is over what the partition allows")
    ),
    "PartitionNodeLimit": _NEVER.format(tr("it asks for more nodes than there are")),
    "PartitionConfig": _NEVER.format(tr("it asks for more than the partition has")),
    "MaxMemPerLimit": _NEVER.format(
        tr("it asks for more memory for each CPU or node than is allowed")
    ),
    "BadConstraints": _NEVER.format(tr("no node has what it asks for")),
    "Constraints": _NEVER.format(tr("no node has what it asks for")),
    "AccountNotAllowed": _SHUT_OUT.format(tr("the account may not use this partition")),
    "QOSNotAllowed": _SHUT_OUT.format(tr("the QoS may not be used here")),
    "InvalidAccount": _SHUT_OUT.format(tr("the account is not valid")),
    "InvalidQOS": _SHUT_OUT.format(tr("the QoS is not valid")),
    "AccountingPolicy": tr(
        "It is over a limit of your account; it starts when others have finished."
    ),
    "ResourceLimit": tr("A limit of the cluster is reached; it starts later."),
    "AssociationJobLimit": tr(
        "Your account has reached its limit of running jobs; it "
        "starts when others have finished."
    ),
    "AssociationResourceLimit": tr(
        "Your account has reached one of its limits; it starts "
        "when others have finished."
    ),
    "AssociationTimeLimit": tr("Your account has used up its time."),
    "QOSJobLimit": tr(
        "The QoS has reached its limit of running jobs; it starts when "
        "others have finished."
    ),
    "QOSResourceLimit": tr(
        "The QoS has reached one of its limits; it starts when others have finished."
    ),
    "QOSTimeLimit": tr("The QoS has used up its time."),
    "QOSUsageThreshold": tr(
        "The account has used more than its share for this QoS; it "
        "starts when its share has grown again."
    ),
    "BurstBufferResources": tr("It waits for the burst buffer."),
    "BurstBufferStageIn": tr("Its files are being brought to the burst buffer."),
    "BurstBufferOperation": _PEOPLE.format(tr("The burst buffer failed")),
    "BlockMaxError": _PEOPLE.format(tr("Nodes have too many errors")),
    "BlockFreeAction": _PEOPLE.format(tr("Nodes are being freed")),
    "FedJobLock": tr("It waits for another cluster of the federation."),
    "SystemFailure": _PEOPLE.format(tr("The cluster had a fault")),
    "JobLaunchFailure": tr("It could not be started on its node."),
    "DeadLine": tr("It cannot end before its deadline."),
    "DeadlineExceeded": tr("Its deadline is over."),
    "OutOfMemory": tr("It needed more memory than it had asked for."),
    "TimeLimit": tr("It reached its time limit."),
    "NonZeroExitCode": tr("A program of it ended with an error."),
    "RaisedSignal": tr("A program of it was ended by a signal."),
    "InactiveLimit": tr("It did nothing for too long."),
    "Preempted": tr("It had to make way for another job."),
    "NodeFail": tr("Its node failed."),
}

# The same in a few words, for a column; what is not here is put together below.
_BRIEF: Dict[str, str] = {
    "Priority": tr("others ahead"),
    "Resources": tr("next in line"),
    "Dependency": tr("after a job"),
    "BeginTime": tr("starts later"),
    "JobArrayTaskLimit": tr("few at a time"),
    "JobArrayMaxLimit": tr("few at a time"),
    "JobHoldMaxRequeue": "held",
    "Reservation": "reservation",
    "Licenses": "licence",
    "MaintenanceWindow": "maintenance",
    "PartitionDown": tr("partition closed"),
    "PartitionInactive": tr("partition closed"),
    "NodeDown": tr("nodes away"),
    "ReqNodeNotAvail": tr("nodes away"),
    "ReqNodesNotAvail": tr("nodes away"),
    "FrontEndDown": tr("nodes away"),
}

# What SLURM says in free text in the place of a reason, in small letters.
_TEXTS = (
    ("maintenance", _WORDS["MaintenanceWindow"]),
    ("nodes required for job are", _NODES.format(tr(" (down, or kept for others)"))),
    ("held", _ON_HOLD),
    ("launch failed", _ON_HOLD),
    ("user env", _ON_HOLD),
    ("burst_buffer", _WORDS["BurstBufferOperation"]),
)

# Parts of a limit's name, the first that fits counts.
_THINGS = (
    ("GRES", "GPUs"),
    ("BB", "burst buffer"),
    ("Billing", tr("billing units")),
    ("Energy", "energy"),
    ("License", "licences"),
    ("Mem", "memory"),
    ("Cpu", "CPUs"),
    ("CPU", "CPUs"),
    ("Node", "nodes"),
    ("Submit", tr("jobs in the queue")),
    ("Jobs", tr("running jobs")),
    ("Wall", tr("running time")),
    ("Time", tr("running time")),
    ("Unknown", tr("something that SLURM does not name")),
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
    return tr("SLURM says: {}.").format(cleaned.rstrip(".")) if word else ""


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
        (tr("never start"), tr("can never start")),
        (" held", "held"),
        ("limit", tr("limit reached")),
        (tr("used up"), tr("limit reached")),
        (tr("not available"), tr("nodes away")),
        (tr("Cancel it"), tr("cannot start")),
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
    return any(part in words for part in (" held", tr("never start"), tr("Cancel it")))


def state_in_words(word: str) -> str:
    """A sentence for a job that has begun and yet does not work; else empty."""
    return {
        "SUSPENDED": tr("SLURM has paused it; it goes on by itself."),
        "STOPPED": tr("SLURM has paused it; it goes on by itself."),
    }.get(word.strip().upper(), "")


def _unavailable(rest: str) -> str:
    """``ReqNodeNotAvail, UnavailableNodes:gpu-380-10`` or ``, Reserved for ...``."""
    nodes = re.match(r"\s*UnavailableNodes:\s*(\S+)", rest)
    if nodes:
        return _NODES.format(" ({})".format(nodes.group(1)))
    if "maintenance" in rest.lower():
        return _WORDS["MaintenanceWindow"]
    if "reserved" in rest.lower():
        return _NODES.format(tr(" (kept for others)"))
    return _NODES.format("")


def _of_a_limit(whose: str, kind: str, name: str) -> str:
    """The many reasons like ``QOSMaxCpuPerUserLimit`` and ``MaxNodePerAccount``."""
    where = tr("the QoS") if whose == "QOS" else tr("your account")
    thing = next((text for key, text in _THINGS if key in name), "use")
    if kind == "Min":
        return tr(
            "It can never start like this: {} asks jobs for a minimum of {}. Cancel it "
            "and submit it with more."
        ).format(where, thing)
    if "PerJob" in name or "PerNode" in name:
        timed = tr(" for so long") if "Minutes" in name else ""
        return _NEVER.format(
            tr("it asks for more {}{} than {} allows one job").format(
                thing, timed, where
            )
        )
    if "RunMin" in name:
        return tr(
            "Jobs that run already have taken all the time on {} that {} may plan; it "
            "starts when they have come further."
        ).format(thing, where)
    if "Minutes" in name:
        return tr("{} has used up its time on {}; it starts when there is new.").format(
            where[0].upper() + where[1:], thing
        )
    if whose == "User" or "PerUser" in name:
        said = tr("You have reached the limit of {} in {}").format(thing, where)
    else:
        said = tr("{} has reached its limit of {}").format(
            where[0].upper() + where[1:], thing
        )
    return said + tr("; it starts when others have finished.")
