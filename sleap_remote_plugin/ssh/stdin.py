"""What a command reads: sent so that nothing follows the end of its channel.

paramiko makes a message under the channel's lock and sends it after letting go. Where
the command ends in between, its reader has said CLOSE by then, and sshd hangs up on
everybody over a message for a channel that it has forgotten.
"""

from __future__ import annotations

from typing import Any

from sleap_remote_plugin.ssh.library import paramiko

_DATA = paramiko.common.cMSG_CHANNEL_DATA


def send(channel: Any, data: bytes) -> int:
    """Send as much as the other side has room for; how many bytes.

    Raises
    ------
    socket.timeout
        There is no room within the channel's time-out.
    OSError, paramiko.SSHException, EOFError
        The channel has ended, or the connection.
    """
    with channel.lock:
        if channel.closed:
            raise OSError("The channel is closed.")
        size = channel._wait_for_send_window(len(data))
        if size:
            message = paramiko.Message()
            message.add_byte(_DATA)
            message.add_int(channel.remote_chanid)
            message.add_string(data[:size])
            channel.transport._send_user_message(message)
        return size


def send_end(channel: Any) -> None:
    """Say that no more comes; nothing where the channel has ended already."""
    with channel.lock:
        message = None if channel.closed else channel._send_eof()
        if message is not None:
            channel.transport._send_user_message(message)
