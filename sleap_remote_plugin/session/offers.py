"""What a cluster offers: partitions, SLEAP modules and their versions.

Asked once a session; versions that had to be read from a module are remembered.
"""

from __future__ import annotations

import re
from typing import Tuple

from sleap_remote_plugin.errors import ModuleMissing
from sleap_remote_plugin.jobs.cluster import ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.jobs.resources import Partition
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.ssh.transport import Transport


class Offers:
    """One cluster's partitions and modules."""

    def __init__(
        self, profile: ClusterProfile, transport: Transport, settings: Settings
    ) -> None:
        self.profile = profile
        self.transport = transport
        self.settings = settings
        self._partitions: Tuple[Partition, ...] = ()
        self._modules: Tuple[SleapModule, ...] = ()

    def partitions(self, refresh: bool = False) -> Tuple[Partition, ...]:
        """What sinfo tells; asked once a session."""
        if refresh or not self._partitions:
            result = self.transport.run(commands.partitions())
            found = output.read_partitions(result.stdout)
            self._partitions = found or self.profile.limits
        return self._partitions

    def modules(self, refresh: bool = False) -> Tuple[SleapModule, ...]:
        """The cluster's SLEAP modules, with the versions that the profile knows."""
        if refresh or not self._modules:
            result = self.transport.run(
                commands.module_avail(self.profile.module_pattern), timeout=60.0
            )
            names = output.read_modules(result.stdout + "\n" + result.stderr)
            self._modules = tuple(self._module(name) for name in names)
        return self._modules

    def _module(self, name: str) -> SleapModule:
        """The module with its SLEAP version: the profile's word, else its own."""
        for module in self.profile.modules:
            if module.name == name and module.sleap:
                return module
        key = "module.{}.{}".format(self.profile.name, name)
        version = _version_in(name) or self.settings.get(key)
        if not version:
            asked = self.transport.run(commands.module_version(name), timeout=60.0)
            lines = asked.stdout.split()
            version = lines[-1] if lines and asked.exit_code == 0 else ""
            if generation_of_version(version) is None:
                return SleapModule(name)
            self.settings.set(key, version)
        return SleapModule(name, version)

    def choose_module(self, generation: Generation, version: str) -> SleapModule:
        """The module that fits a package best: same version, else the newest.

        Raises
        ------
        ModuleMissing
            None is of the generation; the message names what there is.
        """
        there = self.modules()
        fitting = [m for m in there if m.generation is generation]
        if not fitting:
            raise ModuleMissing(
                "{} has no module of {}, which this package needs; it has {}. Nothing "
                "was submitted. Add the module to the profile with its version, or "
                "install the SLEAP that fits.".format(
                    self.profile.title,
                    generation.title,
                    ", ".join(_described(m) for m in there) or "none at all",
                )
            )
        same = [m for m in fitting if m.sleap == version]
        return (same or sorted(fitting, key=lambda m: _key(m.sleap)))[-1]


def _version_in(name: str) -> str:
    """A version that the module's name itself tells (``SLEAP/1.6.3``)."""
    match = re.search(r"/v?(\d+\.\d+(?:\.\d+)?)$", name)
    return match.group(1) if match and int(match.group(1).split(".")[0]) < 100 else ""


def _described(module: SleapModule) -> str:
    return "{} (SLEAP {})".format(module.name, module.sleap or "of unknown version")


def _key(version: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
