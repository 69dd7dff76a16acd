"""Which SLEAP of a cluster fits the one that is here, and what to say where none does.

Text and versions only; how a module's version is found is in session/offers.py.
"""

from __future__ import annotations

import sys
from typing import Iterable, List, Optional, Sequence, Tuple

from packaging.version import InvalidVersion, Version

from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.words import tr

#: More modules than these are counted, not named.
_MOST_NAMED = 4


def fitting(
    modules: Iterable[SleapModule], generation: Generation
) -> Tuple[SleapModule, ...]:
    """The modules that can work on packages and models of this generation."""
    return tuple(m for m in modules if m.is_usable and m.generation is generation)


def best_module(
    modules: Iterable[SleapModule], generation: Generation, version: str
) -> Optional[SleapModule]:
    """The module to choose for a SLEAP of this version; None: none fits.

    The same version; else of the same 1.x the next newer patch, then the next older
    one; else the next newer 1.x of the generation, then the newest older one. Where
    the version is not known, the newest.
    """
    found = [(_read(m.sleap), m) for m in fitting(modules, generation)]
    known = sorted(((v, m.name, m) for v, m in found if v is not None),
                   key=lambda one: one[:2])  # fmt: skip
    own = _read(version)
    if own is None or not known:
        return known[-1][2] if known else None
    alike = [one for one in known if one[0].release[:2] == own.release[:2]]
    for group in (alike, known):
        same = [one for one in group if one[0] == own]
        newer = [one for one in group if one[0] > own]
        older = [one for one in group if one[0] < own]
        if same:
            return same[-1][2]
        if newer:  # of two with the nearest version, the one whose name is later
            return [one for one in newer if one[0] == newer[0][0]][-1][2]
        if older:
            return older[-1][2]
    return None


def differs(own: str, other: str) -> bool:
    """Whether two versions of one generation are not the same; unknown ones don't."""
    here, there = _read(own), _read(other)
    return here is not None and there is not None and here != there


def described(module: SleapModule, own: str = "") -> str:
    """``SLEAP/2026-05-08 (1.6.3; yours is 1.6.6)``."""
    unknown = module.fault or tr("version not known")
    words = [module.sleap or unknown if module.is_usable else unknown]
    if module.is_usable and differs(own, module.sleap):
        words.append(tr("yours is ") + own)
    return "{} ({})".format(module.name, "; ".join(words))


def difference_sentence(own: str, module: SleapModule) -> str:
    """Said once where the versions differ within a generation; empty: they don't."""
    if not differs(own, module.sleap):
        return ""
    return tr(
        "The cluster's module is SLEAP {}, yours is {}. Jobs work; numbers may differ "
        "a little."
    ).format(module.sleap, own)


def how_to_match(version: str) -> str:
    """What differs between patches, and how to have the cluster's version here."""
    return tr(
        "Results of the cluster's version can be loaded. A setting that only one of "
        "the two versions has is left out. To have SLEAP {} here, beside yours:\n{}"
    ).format(version, install_command(version))


def misfit_sentence(
    title: str,
    modules: Sequence[SleapModule],
    generation: Generation,
    asked: str = "",
) -> str:
    """Why nothing can be sent, and what to do; `misfit_advice` says how.

    Parameters
    ----------
    title : str
        The cluster's.
    asked : str
        A module that was chosen and does not fit; empty: none of them does.
    """
    fit = fitting(modules, generation)
    wrong = [m for m in modules if m.name == asked]
    if wrong:
        what = tr("{} is of another generation than this work, which is {}'s.").format(
            described(wrong[0]), generation.title
        )
    else:
        what = tr("{} has no module of {}, which this needs: it has {}.").format(
            title, generation.title, _list(modules) or tr("no SLEAP module at all")
        )
    parts: List[str] = [what]
    if fit:
        parts.append(tr("Modules that fit: {}.").format(_list(fit)))
    parts.append(tr("Nothing was submitted or exported."))
    newest = _newest_of_the_other(modules, generation)
    if fit:
        parts.append(tr("Choose one of those."))
    elif newest is None:
        parts.append(tr("Ask the cluster's people for a module."))
    else:
        parts.append(
            tr("Install SLEAP {} here, or ask the cluster's people for a module.")
        )
        parts[-1] = parts[-1].format(newest.sleap)
    return " ".join(parts)


def misfit_advice(modules: Sequence[SleapModule], generation: Generation) -> str:
    """How to do what `misfit_sentence` says; empty where a module fits."""
    if fitting(modules, generation):
        return ""
    known = tr(
        "A module whose version cannot be read: write its name and version into "
        "`modules: known` of the profile."
    )
    newest = _newest_of_the_other(modules, generation)
    if newest is None:
        return known
    how = tr("To have SLEAP {} here, beside yours:\n{}").format(
        newest.sleap, install_command(newest.sleap)
    )
    return how + "\n" + known


def _newest_of_the_other(
    modules: Sequence[SleapModule], generation: Generation
) -> Optional[SleapModule]:
    (other,) = [one for one in Generation if one is not generation]
    return best_module(modules, other, "")


def install_command(version: str, system: str = sys.platform) -> str:
    """The line that installs this SLEAP on this computer, as SLEAP's pages have it."""
    if generation_of_version(version) is Generation.CURRENT:
        return (
            'uv tool install --python 3.13 "sleap[nn]=={}" --torch-backend auto'.format(
                version
            )
        )
    nvidia = "" if system == "darwin" else "-c nvidia "
    return (
        "conda create -y -n sleap-{v} -c conda-forge {nvidia}-c sleap -c anaconda "
        "sleap={v}"
    ).format(v=version, nvidia=nvidia)


def _list(modules: Iterable[SleapModule]) -> str:
    words = [described(module) for module in modules]
    more = len(words) - _MOST_NAMED
    if more > 1:
        words[_MOST_NAMED:] = [tr("{} others").format(more)]
    return ", ".join(words)


def _read(version: str) -> Optional[Version]:
    try:
        return Version(version)
    except InvalidVersion:
        return None
