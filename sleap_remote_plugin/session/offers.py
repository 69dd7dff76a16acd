"""What a cluster offers: SLEAP modules and their versions.

A module's version is read on the cluster, off the files of the SLEAP that it loads,
and remembered for as long as the module's own file stays the same. Where nothing can
be read (a container), the profile's word counts, then the module's name.
"""

from __future__ import annotations

import re
import time
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ModuleMissing
from sleap_remote_plugin.jobs.cluster import ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.jobs.version_match import (
    best_module,
    fitting,
    misfit_advice,
    misfit_sentence,
)
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.slurm import modules
from sleap_remote_plugin.slurm.modules import Listed, ModuleAnswer
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

#: Seconds after which the list of modules is asked for again.
LIST_AGE = 600.0
#: Seconds after which a version is read again, though the module's file is the same;
#: and where there was none to be read.
VERSION_AGE, FAULT_AGE = 7 * 86400.0, 3600.0
#: Seconds that one module may take, and all of them.
EACH, TOGETHER = 15, 60

_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*(/[\w.+-]+)*", re.ASCII)
_FAULTS = {
    "none": tr("no SLEAP in it"),
    "bare": tr("SLEAP {} without its commands"),
    "broken": tr("cannot be loaded: {}"),
    "container": tr("a container, whose version cannot be read"),
    "unknown": tr("version not known"),
    "slow": tr("takes too long to load"),
}


class Offers:
    """One cluster's modules."""

    def __init__(
        self,
        profile: ClusterProfile,
        transport: Transport,
        settings: Settings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.profile = profile
        self.transport = transport
        self.settings = settings
        self.clock = clock
        self._listed: Optional[Tuple[Listed, ...]] = None
        self._listed_at = 0.0

    # -- modules ----------------------------------------------------------------------

    def modules(self, refresh: bool = False) -> Tuple[SleapModule, ...]:
        """The cluster's SLEAP modules, with what is known of them so far."""
        known = self._remembered()
        return self._all(self._list(refresh), known)

    def read_modules(self, refresh: bool = False) -> Tuple[SleapModule, ...]:
        """The same, with versions read on the cluster where they are not known.

        Parameters
        ----------
        refresh : bool
            Read all of them anew, whatever is remembered.
        """
        listed = self._list(refresh)
        known = self._remembered()
        wanted = [
            one
            for one in self._candidates(listed)
            if refresh or not self._is_fresh(known.get(one.name), one.stamp)
        ]
        if wanted:
            known.update(self._read(wanted))
            there = {one.name for one in self._candidates(listed)}
            kept = {name: known[name] for name in sorted(known) if name in there}
            self.settings.set(self._key, kept)
        return self._all(listed, known)

    def forget(self) -> None:
        """Ask for the list of modules again when it is needed next."""
        self._listed = None

    def choose_module(self, generation: Generation, version: str) -> SleapModule:
        """The module that fits this generation and version best.

        Raises
        ------
        ModuleMissing
            None is of the generation; the message says what there is, and what to do.
        """
        there = self.read_modules()
        best = best_module(there, generation, version)
        if best is None:
            raise ModuleMissing(
                misfit_sentence(self.profile.title, there, generation),
                misfit_advice(there, generation),
            )
        return best

    def confirm_module(
        self, module: SleapModule, generation: Generation
    ) -> SleapModule:
        """The module as it really is, before anything is exported for it.

        Raises
        ------
        ModuleMissing
            It is of another generation, cannot be used, or is gone.
        """
        there = self.read_modules()
        found = [one for one in there if one.name == module.name]
        if not there:  # the list could not be had; the job itself will tell
            return module
        if found and found[0].is_usable:
            if found[0].generation in (generation, None):
                return found[0]
            raise ModuleMissing(
                misfit_sentence(self.profile.title, there, generation, module.name)
            )
        why = found[0].fault if found else tr("it is not there any more")
        fit = ", ".join(one.name for one in fitting(there, generation))
        raise ModuleMissing(
            tr(
                "The module {} cannot be used ({}). Nothing was submitted or exported. "
                "{}"
            ).format(
                module.name,
                why,
                tr("Choose another one that fits: {}.").format(fit)
                if fit
                else tr("No other one fits; ask the cluster's people."),
            )
        )

    # -- what the user was told -------------------------------------------------------

    def told_differences(self, own: str) -> Tuple[str, ...]:
        """Versions whose difference to this one the user was told of."""
        told = self.settings.get(self._told_key, None)
        found = told.get(own, ()) if isinstance(told, dict) else ()
        return tuple(map(str, found)) if isinstance(found, list) else ()

    def keep_told_differences(self, own: str, versions: Sequence[str]) -> None:
        told = self.settings.get(self._told_key, None)
        told = dict(told) if isinstance(told, dict) else {}
        told[own] = sorted({*self.told_differences(own), *versions})
        self.settings.set(self._told_key, told)

    @property
    def _told_key(self) -> str:
        return "versions_told." + self.profile.name

    # -- the list ---------------------------------------------------------------------

    def _list(self, refresh: bool) -> Tuple[Listed, ...]:
        age = self.clock() - self._listed_at
        if refresh or not self._listed or not 0 <= age < LIST_AGE:
            argv = modules.list_modules(self.profile.module_pattern)
            result = self.transport.run(argv, timeout=60.0)
            self._listed = modules.read_list(result.stdout + "\n" + result.stderr)
            self._listed_at = self.clock()
        return self._listed

    def _candidates(self, listed: Sequence[Listed]) -> List[Listed]:
        """Those that are listed, and those that only the profile names."""
        names = {one.name for one in listed}
        more = [m.name for m in self.profile.modules if _NAME.fullmatch(m.name)]
        return list(listed) + [Listed(name) for name in more if name not in names]

    def _all(
        self, listed: Sequence[Listed], known: Dict[str, Any]
    ) -> Tuple[SleapModule, ...]:
        names = {one.name for one in listed}
        found = []
        for one in self._candidates(listed):
            entry = known.get(one.name)
            was_read = isinstance(entry, dict) and entry.get("stamp") == one.stamp
            if one.name in names:
                found.append(self._module(one.name, entry if was_read else None))
            elif isinstance(entry, dict) and was_read and entry.get("usable"):
                found.append(self._module(one.name, entry))
        return tuple(found)

    def _module(self, name: str, entry: Optional[Dict[str, Any]]) -> SleapModule:
        """What was read; else what the profile says; else what the name tells."""
        version = str(entry.get("sleap", "")) if entry else ""
        usable = bool(entry.get("usable", True)) if entry else True
        fault = str(entry.get("fault", "")) if entry else ""
        if version:
            told_by = str(entry.get("told_by", "cluster")) if entry else ""
            if told_by == "cluster" or not usable:
                return SleapModule(name, version, fault, usable, told_by)
        for one in self.profile.modules:
            if one.name == name and one.sleap:
                return SleapModule(name, one.sleap, fault, usable, "profile")
        if version:
            return SleapModule(name, version, fault, usable, "module")
        version = _version_in(name)
        return SleapModule(name, version, fault, usable, "name" if version else "")

    # -- what was read ----------------------------------------------------------------

    @property
    def _key(self) -> str:
        return "modules." + self.profile.name

    def _remembered(self) -> Dict[str, Any]:
        values = self.settings.get(self._key, None)
        return dict(values) if isinstance(values, dict) else {}

    def _is_fresh(self, entry: Any, stamp: str) -> bool:
        if not isinstance(entry, dict) or entry.get("stamp") != stamp:
            return False
        try:
            age = self.clock() - float(entry.get("read", 0))
        except (TypeError, ValueError):
            return False
        return 0 <= age < (VERSION_AGE if entry.get("sleap") else FAULT_AGE)

    def _read(self, wanted: Sequence[Listed]) -> Dict[str, Dict[str, Any]]:
        argv = modules.ask_modules([one.name for one in wanted], EACH, TOGETHER)
        result = self.transport.run(argv, timeout=TOGETHER + EACH + 15.0)
        stamps = {one.name: one.stamp for one in wanted}
        found = {}
        for answer in modules.read_answers(result.stdout):
            if answer.name in stamps and answer.status != "late":
                found[answer.name] = {
                    "stamp": stamps[answer.name],
                    "read": self.clock(),
                    **_entry(answer),
                }
        return found


def _entry(answer: ModuleAnswer) -> Dict[str, Any]:
    """What is remembered of an answer."""
    version = answer.version
    if version and generation_of_version(version) is None:
        version = ""
    words = (
        version
        if answer.status == "bare"
        else answer.words or tr("it does not say why")
    )
    return {
        "sleap": version,
        "usable": answer.status not in ("none", "bare", "broken"),
        "fault": _FAULTS.get(answer.status, "").format(words),
        "told_by": "module" if answer.status == "said" else "cluster",
    }


def disagreements(
    profile: ClusterProfile, found: Iterable[SleapModule]
) -> Tuple[str, ...]:
    """Sentences on modules whose version is another than the profile says."""
    said = {module.name: module.sleap for module in profile.modules if module.sleap}
    return tuple(
        tr("{} is SLEAP {}; the profile says {}.").format(m.name, m.sleap, said[m.name])
        for m in found
        if m.told_by == "cluster" and m.sleap and said.get(m.name, m.sleap) != m.sleap
    )


def _version_in(name: str) -> str:
    """A version that the module's name itself tells (``SLEAP/1.6.3``)."""
    match = re.search(r"/v?(\d+\.\d+(?:\.\d+)?)$", name)
    return match.group(1) if match and int(match.group(1).split(".")[0]) < 100 else ""
