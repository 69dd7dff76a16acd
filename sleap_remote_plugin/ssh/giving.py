"""What the user gave for a sign-in, put where the next one finds it.

A passphrase is tried on its key at once: a wrong one is kept nowhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

from sleap_remote_plugin.errors import SignInNeeded
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.keys import KeyIsLocked, open_key
from sleap_remote_plugin.ssh.secret import Secret


def give(
    credentials: Credentials, error: SignInNeeded, answers: Sequence[str], keep: bool
) -> str:
    """Take the answers to `error`; a sentence where one cannot be kept.

    Parameters
    ----------
    answers : sequence of str
        One for each prompt, or the password or passphrase alone.
    keep : bool
        In the keyring too; a one-time code never is.
    """
    if error.is_confirmation or not answers:
        return ""
    if error.key_file:
        return _give_passphrase(credentials, error, Secret(answers[0]), keep)
    if not error.prompts:
        return credentials.remember(error.user, error.host, answers[0], keep)
    told = ""
    codes, given = [], []
    for prompt, answer in zip(error.prompts, answers):
        if prompt[0] == error.password_prompt:
            told = credentials.remember(error.user, error.host, answer, keep)
        else:
            codes.append(prompt)
            given.append(Secret(answer))
    credentials.answer_once(error.user, error.host, codes, given)
    return told


def leave_key_out(credentials: Credentials, error: SignInNeeded) -> None:
    """The user takes the password instead of the key that `error` asks for."""
    if error.key_file:
        credentials.leave_out(Path(error.key_file))


def _give_passphrase(
    credentials: Credentials, error: SignInNeeded, passphrase: Secret, keep: bool
) -> str:
    path = Path(error.key_file)
    try:
        open_key(path, passphrase)
    except (KeyIsLocked, ValueError, OSError):
        credentials.wrong_passphrase(path)
        return ""
    return credentials.remember_passphrase(path, passphrase, keep)
