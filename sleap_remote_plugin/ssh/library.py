"""paramiko, imported without its warnings and kept off the user's screen.

Its own log records become DEBUG records of ours; it logs no secret.
"""

from __future__ import annotations

import logging
import warnings

with warnings.catch_warnings():
    # cryptography warns of Python 3.7, and of ciphers that paramiko only names.
    warnings.simplefilter("ignore")
    import paramiko

__all__ = ["PARAMIKO_LOG", "paramiko"]

PARAMIKO_LOG = "sleap_remote_plugin.ssh.paramiko"


class _OnlyForDebugging(logging.Filter):
    """paramiko reports ends of connections as errors with tracebacks; we say them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.levelno, record.levelname = logging.DEBUG, "DEBUG"
        return logging.getLogger(PARAMIKO_LOG).isEnabledFor(logging.DEBUG)


logging.getLogger(PARAMIKO_LOG).addFilter(_OnlyForDebugging())
