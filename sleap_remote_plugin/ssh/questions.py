"""A server's own questions (keyboard-interactive): which is for the password.

What is asked beside it, such as a one-time code, is answered by the user alone, each
time. Where it lacks an answer nothing is sent: a wrong one would count.
"""

from __future__ import annotations

import re
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.log import visible
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.words import tr

Prompt = Tuple[str, bool]

_CHANGE = re.compile(
    r"\b(new|re-?type|re-?enter|repeat|again|current|old)\b.*\b(unix )?"
    r"(password|passphrase|pin)\b|\bpassword\b.*\bagain\b",
    re.IGNORECASE,
)
_CHANGE_WORDS = re.compile(
    r"(change your|must change|required to change|new) password"
    r"|password (has |is )?expired|expired password",
    re.IGNORECASE,
)
_OTHER_SECRET = re.compile(
    r"code|token|otp|one[- ]?time|verif|duo|second|factor|\bpin\b|challenge"
    r"|yubi|response",
    re.IGNORECASE,
)
_FIRST_FACTOR = re.compile(r"first[- ]factor", re.IGNORECASE)


_WRONG_WORDS = re.compile(
    r"wrong|incorrect|invalid|fail|sorry|\bbad\b|denied|again|locked", re.IGNORECASE
)


class Unanswered(paramiko.SSHException):
    """Ends a conversation before a made-up answer is sent."""


class Questions:
    """Answers one conversation; called on paramiko's thread, maybe several times.

    Parameters
    ----------
    secret : Secret or None
        The password, given once.
    answers : mapping
        The user's own answers, by prompt.
    names : sequence of str
        Of user and host: prompts show them, and they say nothing of what is asked.

    Attributes
    ----------
    asked : list of Prompt
        What was asked beside a password that we have.
    password_prompt : str
        The first question that is for the account's password; empty: none was.
    words : list of str
        What the server said meanwhile.
    """

    def __init__(
        self,
        secret: Optional[Secret],
        answers: Mapping[str, Secret],
        names: Sequence[str] = (),
    ) -> None:
        self._secret = secret
        self._answers = dict(answers)
        self._names = tuple(names)
        self._seen: List[str] = []
        self._said_before = 0
        self.asked: List[Prompt] = []
        self.password_prompt = ""
        self.words: List[str] = []
        self.gave_secret = False
        self.is_repeated = False

    def __repr__(self) -> str:
        return "Questions()"

    def __call__(
        self, title: str, instructions: str, prompts: Sequence[Prompt]
    ) -> List[str]:
        for line in "{}\n{}".format(title, instructions).splitlines():
            if line.strip():
                self.words.append(visible(line.rstrip()))
        replies = [self._answer(*prompt) for prompt in prompts]
        if any(reply is None for reply in replies):
            raise Unanswered(tr("a question has no answer yet"))
        return [str(reply) for reply in replies]

    def _answer(self, text: str, shown: Any) -> Optional[Secret]:
        text, shown = shown_prompt(text), bool(shown)
        if text in self._seen:
            # Asked once more: what was answered before was wrong.
            self.is_repeated = True
            return None
        self._seen.append(text)
        if not self.password_prompt and asks_password((text, shown), self._names):
            self.password_prompt = text
            if self._secret is not None:
                self.gave_secret = True
                self._said_before = len(self.words)
                return self._secret
        self.asked.append((text, shown))
        return self._answers.pop(text, None)

    @property
    def codes(self) -> Tuple[Prompt, ...]:
        """What is asked each time: all that is not the password."""
        return tuple(one for one in self.asked if one[0] != self.password_prompt)

    @property
    def reason(self) -> str:
        """Why it turned us away after a password that it did not call wrong."""
        said = " ".join(self.words[self._said_before :]) if self.gave_secret else ""
        return "" if self.codes or _WRONG_WORDS.search(said) else said

    @property
    def wants_change(self) -> bool:
        """Whether it is another password that is wanted."""
        said = " ".join(self.words)
        return bool(_CHANGE_WORDS.search(said)) or any(
            _CHANGE.search(prompt) for prompt, _ in self.asked
        )


def shown_prompt(text: str) -> str:
    """A prompt on one line, harmless to show."""
    return visible(" ".join(text.split()))


def wants_change(words: str) -> bool:
    """Whether a server's words say that the password must be changed first."""
    return bool(_CHANGE_WORDS.search(words))


def asks_password(prompt: Prompt, names: Sequence[str] = ()) -> bool:
    """Whether a prompt is for the account's password and nothing else."""
    text, shown = prompt
    for name in names:
        text = text.replace(name, "") if name else text
    if shown or _CHANGE.search(text):
        return False
    if _FIRST_FACTOR.search(text):
        return True
    return not _OTHER_SECRET.search(text)
