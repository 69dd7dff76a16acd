"""One conversation in which a check comes first: what it says decides on the command.

The shell on the other side runs the check, and then waits for a word. As long as that
was not sent, the command has not begun, for certain: no answer is in doubt until then.
How a command's conversation goes is in command.py.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

from sleap_remote_plugin.ssh.command import Conversation
from sleap_remote_plugin.ssh.deadline import Clock
from sleap_remote_plugin.ssh.link import Link
from sleap_remote_plugin.ssh.shell import GO, Markers
from sleap_remote_plugin.ssh.transport import Decide, decoded


class CheckedConversation(Conversation):
    """Hands what the check printed to `decide`, and sends the word where it says so.

    Attributes
    ----------
    sent : bool
        The word may have been sent.
    trouble : BaseException or None
        What `decide` raised; the word was not sent.
    """

    def __init__(
        self, link: Link, channel: Any, markers: Markers, clock: Clock, decide: Decide
    ) -> None:
        super().__init__(link, channel, markers, b"", clock)
        self._mark = markers["checked"]
        self._decide: Optional[Callable[[str], bool]] = decide
        self.sent = False
        self.trouble: Optional[BaseException] = None

    def _send(self) -> bool:
        """Nothing, until the check has ended; then the word or, at once, the end."""
        if self._decide is not None:
            found = self._out.before(self._mark)
            if found is None:
                return False
            decide, self._decide = self._decide, None
            try:
                self.sent = decide(decoded(found))
            except BaseException as error:  # noqa: B902 - raised again, by the runner
                self.trouble = error
            if self.sent:
                self._unsent = memoryview((GO + "\n").encode("ascii"))
        return super()._send()

    def answer(self, output: bytes) -> bytes:
        """What the command printed, without the check's."""
        return output.partition(self._mark)[2]
