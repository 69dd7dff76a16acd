"""What the user chose before, kept in the configuration folder; never a secret."""

from __future__ import annotations

import dataclasses
import json
import logging
import threading
from pathlib import Path
from typing import Any, Dict, Optional

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.profile_writing import free_name
from sleap_remote_plugin.jobs.record import save_whole
from sleap_remote_plugin.jobs.resources import Resources, resources_from_dict

log = logging.getLogger(__name__)


class Settings:
    """A small JSON file, read anew for each question, since windows share it.

    A file that cannot be read counts as empty, and one that cannot be written is a
    line in the log: settings are never worth stopping for.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def get(self, key: str, default: Any = "") -> Any:
        return self._read().get(key, default)

    def set(self, key: str, value: Any) -> None:
        with self._lock:
            values = self._read()
            if key in values and values[key] == value:
                return
            values[key] = value
            text = json.dumps(values, indent=1, sort_keys=True)
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                save_whole(self.path, text.encode("utf-8"))
            except OSError as error:
                log.warning("settings %s not written: %s", self.path, error)

    def reset(self) -> Optional[Path]:
        """Forget all of it; what was there is kept beside it as ``.bak``.

        Returns
        -------
        Path or None
            The file that was kept; None where there was nothing.

        Raises
        ------
        OSError
            It could not be: the settings are as they were.
        """
        with self._lock:
            if not self.path.exists():
                return None
            kept = free_name(self.path, "bak")
            self.path.rename(kept)
            return kept

    def resources(
        self, cluster: str, kind: JobKind, generation: Generation
    ) -> Optional[Resources]:
        """What was asked for last; None where nothing was."""
        values = self.get(_resources_key(cluster, kind, generation), None)
        try:
            return resources_from_dict(values) if values else None
        except (AttributeError, TypeError):
            return None

    def keep_resources(
        self, cluster: str, kind: JobKind, generation: Generation, asked: Resources
    ) -> None:
        key = _resources_key(cluster, kind, generation)
        self.set(key, dataclasses.asdict(asked.for_another_job()))

    def _read(self) -> Dict[str, Any]:
        try:
            values = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("settings %s not read: %s", self.path, error)
            return {}
        return values if isinstance(values, dict) else {}


def _resources_key(cluster: str, kind: JobKind, generation: Generation) -> str:
    return "resources.{}.{}.{}".format(cluster, kind.value, generation.value)
