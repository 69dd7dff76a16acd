"""Which cluster profiles there are, and which one is in use."""

from __future__ import annotations

from pathlib import Path
from typing import List, NamedTuple, Optional, Tuple

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import ClusterProfile, config_folder
from sleap_remote_plugin.jobs.profile_file import load_profile, profile_files
from sleap_remote_plugin.shipped import shipped
from sleap_remote_plugin.words import tr


class Profiles(NamedTuple):
    """The profiles that can be read, in the order of the menu, and what is wrong."""

    usable: Tuple[ClusterProfile, ...]
    problems: Tuple[str, ...]
    #: files that are no profile, each with a sentence
    broken: Tuple[Tuple[Path, str], ...] = ()

    def in_use(self, remembered: str) -> Optional[ClusterProfile]:
        """The remembered profile, else the first; None where there is none."""
        for profile in self.usable:
            if profile.name == remembered:
                return profile
        return self.usable[0] if self.usable else None


def read_profiles() -> Profiles:
    """All profiles; the user's own come before the shipped ones, each by name."""
    home = shipped("clusters")
    files = sorted(
        profile_files().items(), key=lambda item: (item[1].parent == home, item[0])
    )
    usable: List[ClusterProfile] = []
    problems: List[str] = []
    broken: List[Tuple[Path, str]] = []
    for _, path in files:
        try:
            usable.append(load_profile(path))
        except ProfileError as error:
            problems.append(str(error))
            broken.append((path, str(error)))
    problems += _hidden([path for _, path in files], usable)
    return Profiles(tuple(usable), tuple(problems), tuple(broken))


def _hidden(used: List[Path], usable: List[ClusterProfile]) -> List[str]:
    """Sentences on files of the user's whose name another one has taken."""
    sentences = []
    for path in sorted((config_folder() / "clusters").glob("*.yaml")):
        if path in used:
            continue
        try:
            name = load_profile(path).name
        except ProfileError:
            continue
        rest = [p.source for p in usable if p.name == name and p.source is not None]
        sentences.append(
            tr(
                "Two cluster profiles are called {}: {} is used, {} is not. Give one "
                "of them another `name`, or remove it."
            ).format(name, rest[0] if rest else tr("the other file"), path)
        )
    return sentences
