"""What a cluster offers by its own word, and when it said so."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, NamedTuple, Tuple

from sleap_remote_plugin.jobs.resources import GpuCount, Partition


class Association(NamedTuple):
    """An account that this user may run jobs under.

    Attributes
    ----------
    partition : str
        The only one that it is for; empty: all.
    qos : tuple of str
        What may be asked for with it.
    default_qos : str
        Empty: SLURM's own.
    """

    account: str
    partition: str = ""
    qos: Tuple[str, ...] = ()
    default_qos: str = ""


class Site(NamedTuple):
    """
    Attributes
    ----------
    asked : float
        Seconds since the epoch; 0: it was never asked.
    """

    partitions: Tuple[Partition, ...] = ()
    accounts: Tuple[Association, ...] = ()
    asked: float = 0.0


def site_to_dict(site: Site) -> Dict[str, Any]:
    """Plain values only, for JSON."""
    return {
        "partitions": [dataclasses.asdict(one) for one in site.partitions],
        "accounts": [one._asdict() for one in site.accounts],
        "asked": site.asked,
    }


def site_from_dict(values: Any) -> Site:
    """Inverse of `site_to_dict`.

    Raises
    ------
    AttributeError, KeyError, TypeError, ValueError
        The values are no site's, or a newer program's.
    """
    partitions = []
    for one in values["partitions"]:
        gpus = tuple(GpuCount(**count) for count in one["gpus"])
        one = dict(one, gpu_types=tuple(map(str, one["gpu_types"])), gpus=gpus)
        partitions.append(Partition(**one))
    accounts = [
        Association(**dict(one, qos=tuple(map(str, one["qos"]))))
        for one in values["accounts"]
    ]
    return Site(tuple(partitions), tuple(accounts), float(values["asked"]))
