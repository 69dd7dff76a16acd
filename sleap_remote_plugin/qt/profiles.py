"""Which cluster profiles there are, and which one is in use."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.profile_file import load_profile, profile_files
from sleap_remote_plugin.shipped import shipped


class Profiles(NamedTuple):
    """The profiles that can be read, in the order of the menu, and what is wrong."""

    usable: Tuple[ClusterProfile, ...]
    problems: Tuple[str, ...]

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
    for _, path in files:
        try:
            usable.append(load_profile(path))
        except ProfileError as error:
            problems.append(str(error))
    return Profiles(tuple(usable), tuple(problems))
