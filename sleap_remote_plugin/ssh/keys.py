"""The user's own keys, in the order in which they are offered to a host."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, List, Optional, Tuple

from sleap_remote_plugin.ssh.deadline import OutOfTime, within
from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.ssh.route import Hop

_LOGGER = logging.getLogger(__name__)

_USUAL_FILES = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")


class OfferedKeys:
    """Keys of the agent and of files; a context, since the agent is connected to.

    Attributes
    ----------
    found : list of (str, key)
        What to call it, and the key: those that ssh config names first.
    locked : list of Path
        Files with a passphrase.
    """

    def __init__(self, hop: Hop, deadline: float, log: ConnectionLog) -> None:
        self.found: List[Tuple[str, Any]] = []
        self.locked: List[Path] = []
        self._hop = hop
        self._deadline = deadline
        self._log = log
        self._agent: Any = None

    def __enter__(self) -> OfferedKeys:
        named = bool(self._hop.identity_files)
        paths = self._hop.identity_files or tuple(
            Path(one).expanduser() for one in _USUAL_FILES
        )
        agent_keys = [("agent key", key) for key in self._agent_keys()]
        wanted = {blob for blob in map(_public_blob, paths) if blob}
        first = [pair for pair in agent_keys if pair[1].asbytes() in wanted]
        rest = [pair for pair in agent_keys if pair not in first]
        in_agent = {key.asbytes() for _, key in agent_keys}
        files = [pair for pair in map(self._load, paths) if pair is not None]
        files = [pair for pair in files if pair[1].asbytes() not in in_agent]
        if self._hop.identities_only:
            rest = []
        self.found = first + (files + rest if named else rest + files)
        return self

    def __exit__(self, *ignored: Any) -> None:
        if self._agent is not None:
            self._agent.close()

    def _agent_keys(self) -> Tuple[Any, ...]:
        try:
            self._agent = within(
                self._deadline, paramiko.Agent, discard=lambda agent: agent.close()
            )
            return self._agent.get_keys()
        except OutOfTime:
            self._log.add(self._hop.label, "the SSH agent does not answer: left out")
        except (paramiko.SSHException, OSError) as error:
            self._log.add(self._hop.label, "the SSH agent failed: {}".format(error))
        return ()

    def _load(self, path: Path) -> Optional[Tuple[str, Any]]:
        if not path.exists():
            return None
        for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
            try:
                key = kind.from_private_key_file(str(path))
                return "key {}".format(path), key
            except paramiko.PasswordRequiredException:
                self.locked.append(path)
                self._log.add(self._hop.label, "{} has a passphrase".format(path))
                return None
            except OSError as error:
                self._log.add(self._hop.label, "{}: {}".format(path, error))
                return None
            except (paramiko.SSHException, ValueError) as error:
                _LOGGER.debug("%s is no %s: %s", path, kind.__name__, error)
        self._log.add(self._hop.label, "{} is not a key that can be used".format(path))
        return None


def _public_blob(path: Path) -> bytes:
    """The public key beside a private one; empty where there is none."""
    public = path.parent / (path.name + ".pub")
    try:
        return paramiko.pkey.PublicBlob.from_file(str(public)).key_blob
    except (OSError, ValueError) as error:
        _LOGGER.debug("%s is not used: %s", public, error)
        return b""
