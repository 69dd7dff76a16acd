"""The user's account on an SSH host, as that host's people may change it.

Each host has its own: what is changed on the bastion is as before on the gateway. A
password that is locked still lets a key in, as everywhere where sshd asks PAM.
"""

from __future__ import annotations

from . import hosts

SHELLS = ("fish", "zsh", "tcsh")
_LAST_CHANGED = "19000"  # as layers.py writes it


def lock(settings, host):
    hosts.call(settings, host, ["usermod", "--lock", settings.user])


def unlock(settings, host):
    hosts.call(settings, host, ["usermod", "--unlock", settings.user], check=False)


def expire(settings, host):
    """Let the account have ended long ago."""
    hosts.call(settings, host, ["chage", "--expiredate", "1", settings.user])


def renew(settings, host):
    hosts.call(settings, host, ["chage", "--expiredate", "-1", settings.user])


def expire_password(settings, host):
    """Let the password have to be changed at the next sign-in."""
    hosts.call(settings, host, ["chage", "--lastday", "0", settings.user])


def renew_password(settings, host):
    hosts.call(settings, host, ["chage", "--lastday", _LAST_CHANGED, settings.user])


def close(settings, host):
    """Let nobody in but root, as during a service."""
    text = "The cluster is being serviced until Monday.\n"
    hosts.call(settings, host, ["tee", "/etc/nologin"], input=text)


def open_again(settings, host):
    hosts.call(settings, host, ["rm", "-f", "/etc/nologin"])


def choose_shell(settings, shell):
    """Give the user another login shell, on both hosts."""
    _set_shell(settings, "/usr/bin/" + shell)


def choose_bash(settings, _):
    _set_shell(settings, "/bin/bash")


def _set_shell(settings, path):
    for host in ("bastion", "gateway"):
        hosts.call(settings, host, ["usermod", "--shell", path, settings.user])
