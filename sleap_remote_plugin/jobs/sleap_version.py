"""The SLEAP that a cluster's module loads, for those who write commands for it."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.words import tr


@dataclass(frozen=True)
class SleapVersion:
    """A SLEAP version and what follows from it."""

    text: str
    version: Version
    generation: Generation

    def is_at_least(self, text: str) -> bool:
        return self.version >= Version(text)


def sleap_version(text: str) -> SleapVersion:
    """Read a version such as ``1.3.1``.

    Raises
    ------
    RemoteError
        It is none, so that no command can be written.
    """
    generation = generation_of_version(text)
    if generation is None:
        raise RemoteError(
            tr(
                "It is not known which SLEAP the chosen module loads, so no command "
                "can be written for it. Nothing was submitted; give the module's "
                "`sleap:` version in the cluster profile."
            )
        )
    return SleapVersion(text, Version(text), generation)


def lacking(sleap: SleapVersion, what: str, has: str) -> RemoteError:
    """The error for what a version does not have; `has` is what it has instead."""
    return RemoteError(
        tr(
            "SLEAP {} on the cluster has no {}; it has {}. Nothing was submitted; "
            "choose another, or another SLEAP module."
        ).format(sleap.text, what, has)
    )
