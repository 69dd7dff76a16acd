"""A cluster's profile: where to sign in, what is mounted, which SLEAP, which defaults.

How it stands in a file is in profile_file.py. No profile holds a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional, Tuple

import platformdirs

from sleap_remote_plugin.jobs.field_rules import FieldRule, within_rules
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
)

APP_NAME = "sleap-remote"


@dataclass(frozen=True)
class Address:
    """Where SSH connects. An empty user means the profile's."""

    host: str
    port: int = 22
    user: str = ""

    def __str__(self) -> str:
        return self.host if self.port == 22 else "{}:{}".format(self.host, self.port)


def is_host_name(text: str) -> bool:
    """Whether it can name a host, an alias or an address, and nothing else."""
    return bool(re.fullmatch(r"(?!-)[\w.:%+=~-]{1,255}", text))


def is_user_name(text: str) -> bool:
    """Whether it can name a user: OpenSSH's own rule, since shells see such names."""
    if re.search(r"[\x00-\x1f\x7f'`\";&<>|(){}]|\s-|\\$", text):
        return False
    return bool(text.strip()) and not text.startswith("-") and len(text) <= 255


@dataclass(frozen=True)
class SleapModule:
    """An environment module and the SLEAP version that it loads (empty: unknown).

    Attributes
    ----------
    fault : str
        Why its version is not known or it cannot be used, in a few words.
    is_usable : bool
        Whether jobs can run with it, as far as is known.
    told_by : str
        ``cluster`` where the version was read there, ``module`` where it says so
        itself, ``profile``, ``name``; empty: nobody told.
    """

    name: str
    sleap: str = ""
    fault: str = field(default="", compare=False)
    is_usable: bool = field(default=True, compare=False)
    told_by: str = field(default="", compare=False)

    @property
    def generation(self) -> Optional[Generation]:
        return generation_of_version(self.sleap) if self.sleap else None


@dataclass(frozen=True)
class GpuAdvice:
    """A card to avoid for one generation, and why."""

    gpu_type: str
    generation: Optional[Generation]
    why: str


@dataclass(frozen=True)
class ClusterProfile:
    """One cluster.

    Attributes
    ----------
    login : Address or None
        The host with SLURM's commands; None: this machine has them itself.
    jump : tuple of Address
        The hops on the way, in order.
    user : str
        Empty: asked for once.
    slurm_cluster : str
        SLURM's own name of it: a machine with SLURM's commands for that cluster
        needs no SSH. Empty: such a machine is known by disks, partitions, modules.
    module_pattern : str
        What ``module avail`` is asked for.
    defaults : dict
        (JobKind, Generation) -> Resources.
    limits : tuple of Partition
        What the profile says of partitions; the cluster's own word wins.
    source : Path or None
        The file that it was read from.
    rules : tuple of FieldRule
        What jobs may ask for, beside the partitions' limits.
    """

    name: str
    title: str
    login: Optional[Address]
    jump: Tuple[Address, ...] = ()
    user: str = ""
    mounts: Tuple[Mount, ...] = ()
    module_pattern: str = "SLEAP"
    modules: Tuple[SleapModule, ...] = ()
    defaults: Tuple[Tuple[Tuple[JobKind, Generation], Resources], ...] = ()
    limits: Tuple[Partition, ...] = ()
    gpu_advice: Tuple[GpuAdvice, ...] = ()
    contact: str = ""
    source: Optional[Path] = None
    slurm_cluster: str = ""
    rules: Tuple[FieldRule, ...] = ()

    def default_resources(self, kind: JobKind, generation: Generation) -> Resources:
        default = dict(self.defaults).get((kind, generation), Resources())
        return within_rules(default, self.rules, default)

    def allowed(
        self, wanted: Resources, kind: JobKind, generation: Generation
    ) -> Resources:
        """What is nearest to it within the profile's rules."""
        default = self.default_resources(kind, generation)
        return within_rules(wanted, self.rules, default)


def config_folder() -> Path:
    """The user's configuration folder of this program."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))


def data_folder() -> Path:
    """The user's data folder of this program: jobs, logs, known hosts."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))
