"""Which mounts were proven, and when: remembered in the user's settings.

The proof itself is proof.py's.
"""

from __future__ import annotations

from typing import Dict

from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.session.settings import Settings


def proven(settings: Settings, profile: str) -> Dict[Mount, float]:
    """The mounts of a profile that were proven; seconds since the epoch.

    What cannot be read counts as not proven.
    """
    kept = settings.get(_key(profile), [])
    found = {}
    for one in kept if isinstance(kept, list) else []:
        try:
            local, cluster, when = one
            found[Mount(str(local), str(cluster))] = float(when)
        except (TypeError, ValueError):
            continue
    return found


def remember(settings: Settings, profile: str, mount: Mount, when: float) -> None:
    """Keep that a mount was proven."""
    found = dict(proven(settings, profile))
    found[mount] = when
    values = [[m.local, m.cluster, when] for m, when in found.items()]
    settings.set(_key(profile), values)


def _key(profile: str) -> str:
    return "mounts.proven." + profile
