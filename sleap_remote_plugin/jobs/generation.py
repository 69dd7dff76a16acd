"""SLEAP's two generations, told apart by version or by the files they write."""

from __future__ import annotations

import enum
from typing import Iterable, Optional

from packaging.version import InvalidVersion, Version

from sleap_remote_plugin.words import tr


class Generation(enum.Enum):
    """Which training engine a SLEAP has, and so which files it writes.

    ``LEGACY`` is SLEAP up to 1.4: TensorFlow, ``.json`` configs, ``best_model.h5``.
    ``CURRENT`` is SLEAP from 1.5: PyTorch (sleap-nn), ``.yaml``, ``best.ckpt``.
    """

    LEGACY = "legacy"
    CURRENT = "current"

    @property
    def title(self) -> str:
        return {
            Generation.LEGACY: tr("SLEAP up to 1.4 (TensorFlow)"),
            Generation.CURRENT: tr("SLEAP 1.5 and newer (PyTorch)"),
        }[self]


def generation_of_version(version: str) -> Optional[Generation]:
    """Generation of a SLEAP version such as ``1.3.1``; None if it is not one."""
    try:
        parsed = Version(version)
    except InvalidVersion:
        return None
    return Generation.CURRENT if parsed >= Version("1.5.0.dev0") else Generation.LEGACY


def generation_of_configs(names: Iterable[str]) -> Optional[Generation]:
    """Generation that wrote these config files; None if there are none or both."""
    endings = {name.rsplit(".", 1)[-1].lower() for name in names}
    found = {
        generation
        for generation, ending in (
            (Generation.LEGACY, "json"),
            (Generation.CURRENT, "yaml"),
        )
        if ending in endings
    }
    return found.pop() if len(found) == 1 else None
