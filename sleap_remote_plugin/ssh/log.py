"""What happened to a connection, line by line; never a secret.

What a host says of itself is untrusted: control characters are shown escaped.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Callable, Deque, Dict, List, Sequence, Tuple

_LOGGER = logging.getLogger(__name__)

#: Characters of one event that are kept.
_MOST = 600


@dataclass(frozen=True)
class HopReport:
    """How far the latest connect came at one hop; empty: not that far.

    Attributes
    ----------
    hop : str
        How the profile names it.
    address : str
        Where it was reached, in numbers, or which hop led there.
    software : str
        What its SSH server calls itself.
    key : str
        Type and fingerprint of the host key that it showed.
    pinned : str
        Where that key is pinned: a file and its line.
    offered, methods : tuple of str
        Ways of signing in: what it takes, and what let us in.
    user : str
        Who we are there, once signed in.
    seconds : float
        What reaching it and signing in took together.
    """

    hop: str
    address: str = ""
    software: str = ""
    key: str = ""
    pinned: str = ""
    offered: Tuple[str, ...] = ()
    methods: Tuple[str, ...] = ()
    user: str = ""
    seconds: float = 0.0


class ConnectionLog:
    """The last events: (time, hop, event), and how each hop stands.

    Parameters
    ----------
    size : int
        How many events are kept.
    now : callable
        Seconds since the epoch.
    """

    def __init__(self, size: int = 500, now: Callable[[], float] = time.time) -> None:
        self._entries: Deque[Tuple[float, str, str]] = deque(maxlen=size)
        self._reports: Dict[str, HopReport] = {}
        self._now = now
        self._lock = threading.Lock()

    def add(self, hop: str, event: str) -> None:
        hop, event = visible(hop), visible(event)
        with self._lock:
            self._entries.append((self._now(), hop, event))
        _LOGGER.info("%s: %s", hop, event)

    def begin(self, hops: Sequence[str]) -> None:
        """A new connect: nothing is known yet of any hop."""
        with self._lock:
            self._reports = {hop: HopReport(hop) for hop in hops}

    def learn(self, hop: str, event: str, **facts: Any) -> None:
        """Add an event, and what it says of the hop; `methods` are added up."""
        self.add(hop, event)
        with self._lock:
            known = self._reports.get(hop, HopReport(hop))
            for name, fact in facts.items():
                facts[name] = visible(fact) if isinstance(fact, str) else fact
            facts["methods"] = known.methods + facts.get("methods", ())
            self._reports[hop] = dataclasses.replace(known, **facts)

    @property
    def entries(self) -> List[Tuple[float, str, str]]:
        with self._lock:
            return list(self._entries)

    @property
    def reports(self) -> List[HopReport]:
        """The hops of the latest connect, the first one first."""
        with self._lock:
            return list(self._reports.values())

    def lines(self) -> List[str]:
        return ["{}  {}: {}".format(moment(t), h, e) for t, h, e in self.entries]


def moment(when: float) -> str:
    """Local time, to a thousandth of a second: steps of a connect are short."""
    whole = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))
    return "{}.{:03d}".format(whole, int(when % 1 * 1000))


def decoded_banner(banner: Any) -> List[str]:
    """Lines of what a server said before the sign-in, the empty ones left out."""
    text = (banner or b"").decode("utf-8", "replace")
    return [line.strip() for line in text.splitlines() if line.strip()][:20]


def visible(text: str) -> str:
    """Text on one line, with what would move the cursor or hide itself escaped."""
    text = text if len(text) <= _MOST else text[:_MOST] + "..."
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in text
    )
