"""What is printed before a command's own output, and start-up files that go wrong."""

from __future__ import annotations

from . import hosts

_PLACES = ("bastion", "gateway")
# A colour, a bell, a title, letters that are not UTF-8, and many lines.
_NOISE = (
    r"""printf '\033[31mUse at your own risk\007\033]0;title\007\377\n'; """
    "seq -f 'rule %g: be kind' 200"
)
_ON_BOTH = "{ " + _NOISE + "; }\n{ " + _NOISE + "; } >&2\n"
_NOT_FOR_ROOT = '[ "$(id -u)" != 0 ] || return 0\n'
_RC = {
    "prints": _ON_BOTH,
    "exits": "exit 0\n",
    "execs": "exec /usr/bin/zsh\n",
}
BASHRC = tuple(_RC)


def greet(settings, _):
    """Banner, message of the day and login shells are noisy on both hosts."""
    line = "cp -n /etc/ssh/banner /etc/ssh/banner.whole; ({}) | tee {}".format(
        _NOISE, "/etc/ssh/banner /etc/motd >/dev/null"
    )
    for host in _PLACES:
        hosts.call(settings, host, ["bash", "-c", line])
        tee = ["tee", "/etc/profile.d/zz-greeting.sh"]
        hosts.call(settings, host, tee, input=_NOT_FOR_ROOT + _ON_BOTH)


def be_quiet(settings, _):
    line = (
        "rm -f /etc/profile.d/zz-greeting.sh /etc/motd; "
        "! [ -e /etc/ssh/banner.whole ] || mv /etc/ssh/banner.whole /etc/ssh/banner"
    )
    for host in _PLACES:
        hosts.call(settings, host, ["bash", "-c", line])


def spoil_bashrc(settings, how):
    """Let the user's .bashrc print, end the shell, or become another shell."""
    line = "cd && cp -n .bashrc .bashrc.whole && cat - .bashrc.whole > .bashrc"
    _as_user(settings, line, _RC[how])


def mend_bashrc(settings, _):
    _as_user(settings, "cd && ! [ -e .bashrc.whole ] || mv .bashrc.whole .bashrc")


def _as_user(settings, line, text=""):
    # Not by a login session: its start-up files are what is broken.
    env = ["env", "HOME=/home/" + settings.user, "bash", "--norc", "-c", line]
    hosts.call(settings, "gateway", env, user=settings.user, input=text)
