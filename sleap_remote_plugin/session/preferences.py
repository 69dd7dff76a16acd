"""What the user likes: which notices, how often SLURM is asked, logs by themselves.

Kept in the settings; what was never chosen is as installed.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Tuple

from sleap_remote_plugin.session.settings import Settings

_NOTICES, _MUTED, _BADGE = "window.notifications", "notices.muted", "notices.badge"
_PACE, _LIVE_LOGS = "following.pace", "following.live_logs"


class Pace(enum.Enum):
    """How often SLURM may be asked: `factor` times as long between two questions."""

    USUAL = ("usual", 1.0)
    LESS_OFTEN = ("less often", 3.0)

    @property
    def factor(self) -> float:
        return self.value[1]


@dataclass(frozen=True)
class Preferences:
    """As they are in the settings' pages *Notices* and *Following*.

    Attributes
    ----------
    notices : bool
        Whether the tray tells anything.
    muted : tuple of str
        Kinds of notices that it does not tell: ``STARTED``, ``FINISHED``, ...
    badge : bool
        Whether the dock's tab counts the jobs that have ended.
    live_logs : bool
        Whether the selected job's log is read again by itself.
    """

    notices: bool = True
    muted: Tuple[str, ...] = ()
    badge: bool = True
    pace: Pace = Pace.USUAL
    live_logs: bool = True


def preferences(settings: Settings) -> Preferences:
    """What is kept; what cannot be understood counts as never chosen."""
    muted = settings.get(_MUTED, [])
    return Preferences(
        bool(settings.get(_NOTICES, True)),
        tuple(str(one) for one in muted) if isinstance(muted, list) else (),
        bool(settings.get(_BADGE, True)),
        pace_of(settings),
        bool(settings.get(_LIVE_LOGS, True)),
    )


def pace_of(settings: Settings) -> Pace:
    word = settings.get(_PACE)
    return next((pace for pace in Pace if pace.value[0] == word), Pace.USUAL)


def keep_preferences(settings: Settings, chosen: Preferences) -> None:
    settings.set(_NOTICES, chosen.notices)
    settings.set(_MUTED, sorted(chosen.muted))
    settings.set(_BADGE, chosen.badge)
    settings.set(_PACE, chosen.pace.value[0])
    settings.set(_LIVE_LOGS, chosen.live_logs)
