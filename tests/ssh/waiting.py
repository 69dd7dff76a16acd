"""Waiting on what other processes do, as long as a slow machine needs."""

from __future__ import annotations

import time

import psutil


def wait_until(is_so, seconds=60.0):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def is_running(pid):
    """Whether a process lives; one that nobody has waited for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def has_ended(file):
    """Whether the process whose id is in a file has; also where it never began."""
    text = file.read_text() if file.exists() else ""
    return not text.strip() or not is_running(int(text))
