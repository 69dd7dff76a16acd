"""Real sshd on loopback, and a stand-in server for what needs accounts or counting."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from sleap_remote_plugin.ssh.library import paramiko

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
USER = getpass.getuser()

CONFIG = """
ListenAddress 127.0.0.1
Port {port}
PidFile none
{host_keys}
AuthorizedKeysFile {authorized}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
MaxStartups 100
AllowTcpForwarding {forwarding}
{extra}
"""


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def make_key(path, kind="ed25519", passphrase=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)], check=True
    )
    return path


class Sshd:
    """One sshd with a configuration of its own."""

    def __init__(
        self, folder, kinds=("ed25519",), forwarding="yes", port=None, extra=""
    ):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.forwarding = forwarding
        self.extra = extra
        self.kinds = kinds
        self.user_key = make_key(self.folder / "user_key")
        self.authorized = self.folder / "authorized_keys"
        self.let_in(self.user_key)
        for kind in kinds:
            make_key(self.folder / kind, kind)
        self.process = None
        self.start()

    def start(self):
        os.makedirs("/run/sshd", exist_ok=True) if os.geteuid() == 0 else None
        config = self.folder / "sshd_config"
        config.write_text(
            CONFIG.format(
                port=self.port,
                host_keys="\n".join(
                    "HostKey {}".format(self.folder / kind) for kind in self.kinds
                ),
                authorized=self.authorized,
                forwarding=self.forwarding,
                extra=self.extra,
            )
        )
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", str(config)], stderr=log, stdin=subprocess.PIPE
            )
        for _ in range(500):
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise AssertionError((self.folder / "log").read_text())

    def let_in(self, key):
        """Let a key in besides those that are."""
        with self.authorized.open("a") as file:
            file.write(key.with_suffix(".pub").read_text())

    def children(self):
        """Pids of all sessions' processes, the deepest last."""
        import psutil

        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child.pid for child in children]

    def connections(self):
        """How many it holds: one process each, whatever those start."""
        import psutil

        return len(psutil.Process(self.process.pid).children())

    def signal_sessions(self, number):
        for pid in self.children():
            try:
                os.kill(pid, number)
            except ProcessLookupError:  # it has just ended by itself
                continue

    def stop(self):
        if self.process is None:
            return
        pids = self.children() if self.process.poll() is None else []
        for pid in [self.process.pid] + pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        self.process.stdin.close()
        self.process = None

    def public_key(self, kind="ed25519"):
        return (self.folder / (kind + ".pub")).read_text().split()[:2]


class Account:
    """What the stand-in server asks for.

    `rounds` are what it asks, one after the other, each (words, prompts, answers);
    `key` is a public key's bytes that it takes, or, where `key_first`, wants first.
    """

    def __init__(
        self,
        password="",
        methods="password",
        prompts=("Password: ",),
        answers=(),
        rounds=(),
        key=b"",
        key_first=False,
        hangs_up=False,
    ):
        self.password = password
        self.methods = methods
        self.rounds = list(rounds) or [("", prompts, list(answers) or [password])]
        self.key = key
        self.key_first = key_first
        self.hangs_up = hangs_up
        self.user = ""
        self.tries = []
        self.keys_tried = []
        self.conversations = 0


class _Server(paramiko.ServerInterface):
    def __init__(self, account, transport=None):
        self.account = account
        self.transport = transport
        self.key_taken = False
        self.rounds = []

    def get_allowed_auths(self, username):
        self.account.user = username
        if self.account.key_first and not self.key_taken:
            return "publickey"
        return self.account.methods

    def check_auth_publickey(self, username, key):
        self.account.keys_tried.append(key.get_name())
        if key.asbytes() != self.account.key:
            return paramiko.AUTH_FAILED
        self.key_taken = True
        if self.account.key_first:
            return paramiko.AUTH_PARTIALLY_SUCCESSFUL
        return paramiko.AUTH_SUCCESSFUL

    def check_auth_password(self, username, password):
        if "password" not in self.account.methods:
            return paramiko.AUTH_FAILED
        self.account.tries.append(password)
        right = password == self.account.password
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username, submethods):
        if "keyboard-interactive" not in self.account.methods:
            return paramiko.AUTH_FAILED
        self.account.conversations += 1
        self.rounds = list(self.account.rounds)
        return self._next_question()

    def _next_question(self):
        words, prompts, _ = self.rounds[0]
        return paramiko.InteractiveQuery(
            "", words, *[(prompt, False) for prompt in prompts]
        )

    def check_auth_interactive_response(self, responses):
        self.account.tries.append(list(responses))
        if self.account.hangs_up:
            self.transport.close()
        right = list(responses) == self.rounds.pop(0)[2]
        if right and self.rounds:
            return self._next_question()
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_direct_tcpip_request(self, chanid, origin, destination):
        self.destinations[chanid] = destination
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        channel.send(b"done\n")
        channel.send_exit_status(0)
        threading.Timer(0.05, channel.close).start()
        return True


class PasswordServer:
    """An SSH server that counts what it is told; it leads on, and runs nothing."""

    def __init__(self, account):
        self.account = account
        self.key = paramiko.RSAKey.generate(2048)
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(20)
        self.port = self.sock.getsockname()[1]
        self.transports = []
        self.open_sockets = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.sock.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.set_log_channel("tests.stand_in")
            transport.add_server_key(self.key)
            server = _Server(self.account, transport)
            server.destinations = {}
            self.transports.append(transport)
            try:
                transport.start_server(event=threading.Event(), server=server)
            except (paramiko.SSHException, EOFError):
                continue
            threading.Thread(
                target=self._lead_on, args=(transport, server), daemon=True
            ).start()

    def _lead_on(self, transport, server):
        while transport.is_active() or not transport.is_authenticated():
            channel = transport.accept(0.2)
            if channel is None:
                if transport.ident == 0 or not transport.is_alive():
                    return
                continue
            if channel.chanid in server.destinations:
                there = socket.create_connection(server.destinations[channel.chanid])
                self.open_sockets.append(there)
                for one, other in ((channel, there), (there, channel)):
                    threading.Thread(
                        target=_pump, args=(one, other), daemon=True
                    ).start()

    def stop(self):
        self.sock.close()
        for transport in self.transports:
            transport.close()
        for sock in self.open_sockets:
            sock.close()


def _pump(source, target):
    try:
        while True:
            data = source.recv(32768)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass
    target.close()
