"""paramiko's client side of one hop; the sign-in service is asked for only once.

A round trip less for every way of signing in that is tried. Which ones are tried is
authentication.py's.
"""

from __future__ import annotations

import threading
from typing import Any, Callable, Optional

from sleap_remote_plugin.ssh.deadline import Clock
from sleap_remote_plugin.ssh.library import paramiko

_SERVICE_REQUEST = paramiko.common.cMSG_SERVICE_REQUEST
_USERAUTH_REQUEST = paramiko.common.cMSG_USERAUTH_REQUEST

# Types published for paramiko lack it.
_Transport: Any = vars(paramiko)["ServiceRequestingTransport"]


class ClientTransport(_Transport):
    """As paramiko's, but it waits for the service by an event, and not for ever."""

    def __init__(self, sock: Any) -> None:
        super().__init__(sock)
        self.auth_handler: Any = None
        self._service_accepted = threading.Event()

    def _parse_service_accept(self, message: Any) -> None:
        super()._parse_service_accept(message)
        if self._service_userauth_accepted:
            self._service_accepted.set()

    def ensure_session(self) -> None:
        if not self.active or not self.initial_kex_done:
            raise paramiko.SSHException("No existing session")
        if not self._service_accepted.is_set():
            self._ask_for_service()
        if not isinstance(self.auth_handler, _AuthHandler):
            self.auth_handler = self.get_auth_handler()

    def _ask_for_service(self) -> None:
        message = paramiko.Message()
        message.add_byte(_SERVICE_REQUEST)
        message.add_string("ssh-userauth")
        self._send_message(message)
        clock = Clock(self.auth_timeout)
        while not self._service_accepted.wait(0.1):
            if not self.is_active():
                raise self.get_exception() or EOFError()
            if clock.is_over:
                raise paramiko.AuthenticationException("Authentication timeout.")

    def get_auth_handler(self) -> Any:
        return _AuthHandler(self)


class _AuthHandler(paramiko.auth_handler.AuthOnlyHandler):
    transport: Any

    def send_auth_request(
        self,
        username: str,
        method: str,
        finish_message: Optional[Callable[[Any], None]] = None,
    ) -> Any:
        """As paramiko's, with the event there first: answers may be quick."""
        self.auth_method = method
        self.username = username
        message = paramiko.Message()
        message.add_byte(_USERAUTH_REQUEST)
        message.add_string(username)
        message.add_string("ssh-connection")
        message.add_string(method)
        if finish_message is not None:
            finish_message(message)
        self.auth_event = event = threading.Event()
        with self.transport.lock:
            self.transport._send_message(message)
        return self.wait_for_response(event)
