"""Sentences for sign-ins that need the user, or fail; errors to be raised.

What is said of the way to a host is in failures.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

from sleap_remote_plugin.errors import ConnectionFailed, SignInNeeded, SignInRefused
from sleap_remote_plugin.ssh.questions import Prompt
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.words import tr

_PASSWORD: Prompt = (tr("Password"), False)


def password_needed(hop: Hop) -> SignInNeeded:
    return SignInNeeded(
        tr("{} asks for the password of {}.").format(hop, hop.user), hop.user, hop.label
    )


def passphrase_needed(hop: Hop, key_file: Path, or_password: bool) -> SignInNeeded:
    return SignInNeeded(
        tr(
            "The key {} has a passphrase, and {} takes that key. The passphrase stays "
            "on this computer."
        ).format(short(key_file), hop),
        hop.user,
        hop.label,
        key_file=str(key_file),
        or_password=or_password,
    )


def passphrase_wrong(hop: Hop, key_file: Path, or_password: bool) -> SignInRefused:
    return SignInRefused(
        tr(
            "That is not the passphrase of {}. Nothing was sent to {}; type it once "
            "more."
        ).format(short(key_file), hop),
        hop.user,
        hop.label,
        key_file=str(key_file),
        or_password=or_password,
    )


def password_refused(hop: Hop, said: Sequence[str] = ()) -> SignInRefused:
    return SignInRefused(
        tr(
            "{} did not take the password of {}.{} It was tried once and is forgotten, "
            "since accounts are locked after several wrong ones. Enter it again with "
            "care; if it is right, it may have expired, or the account is locked: sign "
            "in once in a terminal, or ask the cluster's people."
        ).format(hop, hop.user, _quoted(said)),
        hop.user,
        hop.label,
    )


def answers_needed(
    hop: Hop, prompts: Sequence[Prompt], said: Sequence[str], password_prompt: str
) -> SignInNeeded:
    """The server's own questions, one of which may be for the password."""
    words = " / ".join(prompt.rstrip(": ") for prompt, _ in prompts)
    return SignInNeeded(
        "\n".join(["{} asks: {}".format(hop, words)] + list(said)),
        hop.user,
        hop.label,
        prompts=prompts,
        password_prompt=password_prompt if password_prompt in dict(prompts) else "",
    )


def answers_refused(
    hop: Hop, prompts: Sequence[Prompt], said: Sequence[str], doubted: bool
) -> SignInRefused:
    """`doubted`: the password may have been wrong as well as the code."""
    doubt = (
        tr(
            "It does not say whether the password or the code was wrong, so both are "
            "asked for again"
        )
        if doubted
        else tr("A code works once and not for long: give a new one")
    )
    return SignInRefused(
        tr("{} did not take what was given.{} {}. Each was tried once.").format(
            hop, _quoted(said), doubt
        ),
        hop.user,
        hop.label,
        prompts=with_password(prompts) if doubted else prompts,
        password_prompt=_PASSWORD[0] if doubted else "",
    )


def confirmation_needed(hop: Hop, error: BaseException) -> SignInNeeded:
    return SignInNeeded(
        tr(
            "{} gave no answer to the sign-in of {}. It may have waited for you to "
            "confirm it, on your phone for example; or the network was cut, or the "
            "account is not admitted. Nothing else was sent; jobs on the cluster go "
            "on. Have the phone at hand and try again."
        ).format(hop, hop.user),
        hop.user,
        hop.label,
        is_confirmation=True,
        detail="{}: {}".format(type(error).__name__, error),
    )


def must_change(hop: Hop) -> ConnectionFailed:
    return ConnectionFailed(
        tr(
            "{} wants the password of {} to be changed. Nothing was changed. Sign in "
            "once in a terminal (ssh {}@{}), change it, and come back."
        ).format(hop, hop.user, hop.user, hop.hostname)
    )


def turned_away(hop: Hop, said: str) -> ConnectionFailed:
    """It let nobody in, whatever we had; asking again does no harm."""
    return ConnectionFailed(_turned_away(hop, said))


def turned_away_with_password(hop: Hop, said: str) -> SignInNeeded:
    """The password may be right, but is tried again only when the user says so."""
    words = _turned_away(hop, said)
    return SignInNeeded(words, hop.user, hop.label, is_confirmation=True)


def _turned_away(hop: Hop, said: str) -> str:
    return tr(
        "{} does not let {} in just now. It says: {} Nothing was sent to the cluster; "
        "jobs there go on. Ask the cluster's people if that is no news to you."
    ).format(hop, hop.user, ended(said))


def short(path: Path) -> str:
    """A path under the home as the user would write it."""
    try:
        return str(Path("~") / Path(path).relative_to(Path("~").expanduser()))
    except ValueError:
        return str(path)


def ended(said: str) -> str:
    return said if said.endswith((".", "!", "?")) else said + "."


def _quoted(said: Sequence[str]) -> str:
    text = " ".join(said).strip()
    return tr(" It says: {}").format(ended(text)) if text else ""


def with_password(prompts: Sequence[Prompt]) -> Sequence[Prompt]:
    return [_PASSWORD] + list(prompts)
