"""A laptop on a bad day: a user's own home, a keyring, and a real cluster.

No tests. What breaks the cluster is in resources/practice_cluster.
"""

from __future__ import annotations

import hashlib
import re
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import HostKeyUnknown, RemoteError
from sleap_remote_plugin.jobs.cluster import Address, data_folder
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.session.session import Session
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.host_keys import HostKeys
from tests.practice import CHECKOUT

TESTED_ONCE = pytest.mark.skipif(
    sys.version_info < (3, 8) and (CHECKOUT / ".venvs" / "sleap16").is_dir(),
    reason="The same code and the same paramiko calls: tested once, beside SLEAP 1.6.",
)
# What a program would say and a sentence does not.
NO_SENTENCE = re.compile(
    r"Traceback|Errno|\bNone\b|\b\w+(Error|Exception)\b|\b0x[0-9a-f]+|<[\w.]+ object"
)


def assert_sentence(error, *words):
    """`error` tells a user what happened in `words`, and shows no program's insides."""
    text = str(error)
    assert isinstance(error, RemoteError), repr(error)
    for word in words:
        assert word in text, text
    assert text.endswith("."), text
    assert not NO_SENTENCE.search(text), text
    assert len(text) < 900, text


class Keyring:
    """A keyring backend that keeps what it is given, in memory."""

    priority = 5

    def __init__(self):
        self.kept = {}

    def get_password(self, service, name):
        return self.kept.get((service, name))

    def set_password(self, service, name, secret):
        self.kept[(service, name)] = secret

    def delete_password(self, service, name):
        del self.kept[(service, name)]


class Laptop:
    """What the user has: a home, ssh's files, a keyring, the program's session.

    The profile says ``door`` and ``gateway``; ssh config says what they are, so that
    a mistake in it is mended as a user would mend it, while the program runs.
    """

    CONFIG = "Host door\n  HostName {bastion}\n  Port {port}\n"

    def __init__(self, home, practice, with_key=True, method="any", **deadlines):
        self.home = home
        self.practice = practice
        self.method = method
        self.keyring = Keyring()
        self.ssh = home / ".ssh"
        self.ssh.mkdir(mode=0o700)
        self.known_hosts = self.ssh / "known_hosts"
        self.known_hosts.write_bytes(Path(practice.known_hosts).read_bytes())
        self.key = "  IdentityFile {}\n".format(practice.key) if with_key else ""
        self.write_config()
        self.session = self._open(Deadlines(**deadlines))
        if not with_key:
            self._credentials().remember(
                practice.user, "door", practice.password, keep=True
            )

    def write_config(self, text=CONFIG):
        """The user's ssh config; the words in braces are filled in."""
        text = text.format(
            bastion=self.practice.bastion_host,
            port=self.practice.sign_in_ports[self.method],
        )
        (self.ssh / "config").write_text(text + "Host *\n" + self.key)

    def _credentials(self):
        return Credentials(self.practice.name, keyring_backend=lambda: self.keyring)

    def _open(self, deadlines):
        profile = load_profile(Path(self.practice.profile))
        profile = replace(profile, jump=(Address("door"),))
        credentials = self._credentials()
        host_keys = HostKeys(data_folder() / "known_hosts")
        transport = SSHTransport(
            profile.login,
            profile.jump,
            profile.user,
            credentials=credentials,
            host_keys=host_keys,
            deadlines=deadlines,
        )
        store = Store(data_folder() / "jobs.sqlite")
        settings = Settings(self.home / "settings.json")
        return Session(profile, transport, store, settings, credentials, host_keys)

    def stored(self):
        """What is kept: each file's content but the list of jobs, jobs, the keyring."""
        files = {
            str(path.relative_to(self.home)): hashlib.sha256(path.read_bytes()).digest()
            for path in self.home.rglob("*")
            if path.is_file() and "jobs.sqlite" not in path.name
        }
        return files, self.session.jobs(), dict(self.keyring.kept)

    def works(self):
        """Connect, run a command, and see that the cluster answers."""
        self.session.connect()
        answer = self.session.transport.run(["whoami"])
        assert (answer.exit_code, answer.stdout) == (0, self.practice.user + "\n")

    def trust_all(self):
        """Connect as a user who says yes to each new host; how many were asked."""
        asked = 0
        while True:
            try:
                self.session.connect()
                return asked
            except HostKeyUnknown as error:
                assert_sentence(error, "Nothing was sent")
                self.session.trust_host(error)
                asked += 1
                assert asked <= 2

    def in_background(self, argv, **kwargs):
        """Run a command on a thread; call the answer to have its error or result."""
        ended = []

        def work():
            try:
                ended.append(self.session.transport.run(argv, **kwargs))
            except RemoteError as error:
                ended.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()

        def answer(seconds=60):
            thread.join(seconds)
            assert ended, "it did not end"
            return ended[0]

        return answer
