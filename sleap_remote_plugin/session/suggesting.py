"""What a cluster offers and what to ask of it, for the submit dialog and the commands.

What is said of modules is offers.py's.
"""

from __future__ import annotations

from typing import Callable, Optional, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind
from sleap_remote_plugin.jobs.last_time import LastTime, last_time
from sleap_remote_plugin.jobs.resources import Partition, Resources
from sleap_remote_plugin.jobs.site import (
    Association,
    Site,
    site_from_dict,
    site_to_dict,
)
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.slurm import commands, script, site
from sleap_remote_plugin.slurm.estimate import Estimate, read_estimate
from sleap_remote_plugin.ssh.transport import Transport

#: Seconds after which the free GPUs are counted again, and the accounts asked for.
SITE_AGE, ACCOUNTS_AGE = 20.0, 3600.0


class Suggesting:
    """What a session knows of its cluster's choices; session.py has the rest of it."""

    profile: ClusterProfile
    transport: Transport
    settings: Settings
    clock: Callable[[], float]
    _site: Optional[Site] = None
    _associations: Tuple[float, Tuple[Association, ...]] = (0.0, ())

    def partitions(self, refresh: bool = False) -> Tuple[Partition, ...]:
        """What sinfo tells, else the profile; asked once a session."""
        if refresh or self._site is None:
            self.site(refresh)
        found = self._site.partitions if self._site is not None else ()
        return found or self.profile.limits

    def site(self, refresh: bool = False) -> Site:
        """Partitions, free GPUs and accounts as they are now; kept for later."""
        known = self._site
        age = self.clock() - known.asked if known is not None else SITE_AGE
        if known is not None and not refresh and 0 <= age < SITE_AGE:
            return known
        result = self.transport.run(commands.partitions())
        partitions = site.read_partitions(result.stdout)
        if not partitions:
            return self.known_site()
        found = Site(partitions, self._accounts_now(), self.clock())
        self._site = found
        self.settings.set(self._site_key, site_to_dict(found))
        return found

    def known_site(self) -> Site:
        """The same as it was when it was asked last, maybe days ago; asks nobody."""
        if self._site is not None:
            return self._site
        try:
            return site_from_dict(self.settings.get(self._site_key, None))
        except (AttributeError, KeyError, TypeError, ValueError):
            return Site(self.profile.limits)

    @property
    def _site_key(self) -> str:
        return "site." + self.profile.name

    def _accounts_now(self) -> Tuple[Association, ...]:
        """Those of this user; none where SLURM keeps or tells none."""
        asked, accounts = self._associations
        if asked and 0 <= self.clock() - asked < ACCOUNTS_AGE:
            return accounts
        try:
            argv = commands.associations(self.transport.user)
            result = self.transport.run(argv, timeout=10.0)
        except (ValueError, RemoteError):
            return accounts
        if result.exit_code == 0:
            accounts = site.read_associations(result.stdout)
        self._associations = (self.clock(), accounts)
        return accounts

    # -- what to ask for --------------------------------------------------------------

    def suggest_resources(self, kind: JobKind, generation: Generation) -> Resources:
        """What this user asked for last, else the profile's defaults; as it allows."""
        last = self.settings.resources(self.profile.name, kind, generation)
        if last is None:
            return self.profile.default_resources(kind, generation)
        return self.profile.allowed(last, kind, generation)

    def last_time(self, kind: JobKind, project: str) -> Optional[LastTime]:
        """What the latest completed job of that kind used; asks nobody."""
        return last_time(self.jobs(), kind, project)

    def jobs(self) -> Tuple[Job, ...]:
        raise NotImplementedError

    def estimate_start(
        self, kind: JobKind, resources: Resources, tasks: int
    ) -> Estimate:
        """When such a job would start; only where a connection is held already."""
        if not self.transport.is_connected:
            return Estimate()
        text = script.render_question(kind, resources, tasks)
        with self.transport.without_connecting():
            result = self.transport.run(
                commands.expected_start(), stdin=text.encode("utf-8"), timeout=20.0
            )
        return read_estimate(result)
