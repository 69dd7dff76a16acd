"""The daemons: which runs where, how each is started, when it is ready.

All are the real programs, started in their hosts; none is a service of this machine.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass

from . import hosts, processes
from .settings import NODES, PracticeClusterError

MUNGE_HOSTS = ("gateway", "controller") + tuple(NODES)


@dataclass(frozen=True)
class Service:
    """A daemon on a host: its process's name, its commands, how it shows readiness."""

    name: str
    host: str
    process: str
    commands: tuple
    ready: tuple = ()


def _sshd(host):
    start = ("/usr/sbin/sshd", "-E", "/var/log/sshd.log")
    commands = (("mkdir", "-p", "-m", "755", "/run/sshd"), start)
    return Service("sshd on " + host, host, "sshd", commands)


def _munged(host):
    commands = (
        ("install", "-d", "-o", "munge", "-m", "755", "/run/munge"),
        ("runuser", "-u", "munge", "--", "/usr/sbin/munged"),
    )
    return Service("munged on " + host, host, "munged", commands, ("munge", "-n"))


def _slurmd(host):
    return Service("slurmd on " + host, host, "slurmd", (("/usr/sbin/slurmd",),))


MARIADB_PREPARE = (
    "test -e /var/lib/practice-mysql/mysql || mariadb-install-db --no-defaults "
    "--datadir=/var/lib/practice-mysql --user=mysql --skip-test-db "
    "--auth-root-authentication-method=normal"
)
MARIADB = Service(
    "mariadb",
    "controller",
    "mariadbd",
    (
        ("install", "-d", "-o", "mysql", "-m", "755", "/run/mysqld"),
        ("bash", "-c", MARIADB_PREPARE),
        (
            "bash",
            "-c",
            "setsid mariadbd --defaults-file=/etc/slurm/my.cnf "
            "</dev/null >/dev/null 2>&1 &",
        ),
    ),
    ("mariadb-admin", "--no-defaults", "--socket=/run/mysqld/mysqld.sock", "ping"),
)
SLURMDBD = Service(
    "slurmdbd",
    "controller",
    "slurmdbd",
    (
        ("install", "-d", "-o", "slurm", "-m", "755", "/run/slurmdbd"),
        ("runuser", "-u", "slurm", "--", "/usr/sbin/slurmdbd"),
    ),
    ("sacctmgr", "-n", "show", "cluster"),
)
SLURMCTLD = Service(
    "slurmctld",
    "controller",
    "slurmctld",
    (("/usr/sbin/slurmctld",),),
    ("scontrol", "ping"),
)
MUNGEDS = tuple(_munged(host) for host in MUNGE_HOSTS)
SSHDS = tuple(_sshd(host) for host in ("bastion", "gateway"))
SLURMDS = tuple(_slurmd(host) for host in NODES)
ACCOUNTING = (MARIADB, SLURMDBD)
ALL = MUNGEDS + ACCOUNTING + (SLURMCTLD,) + SLURMDS + SSHDS


def of(settings):
    """The daemons that this cluster has."""
    return [one for one in ALL if settings.accounting or one not in ACCOUNTING]


def by_name(name):
    for service in ALL:
        if service.name == name:
            return service
    raise PracticeClusterError("There is no service {!r}.".format(name))


def is_running(settings, service):
    return bool(processes.within(settings, service.host, [service.process]))


def start(settings, service):
    """Start a daemon unless it runs, and wait until it answers."""
    if not is_running(settings, service):
        for command in service.commands:
            hosts.call(settings, service.host, command)
    if service.ready:
        processes.wait_for(
            lambda: answers(settings, service), 30, service.name + " to answer"
        )


def answers(settings, service):
    """Whether the daemon says that it is well."""
    done = hosts.call(settings, service.host, service.ready, check=False)
    return done.returncode == 0


def kill(settings, service):
    """End a daemon at once; of sshd, all its connections too."""
    processes.end(processes.within(settings, service.host, [service.process]))


def freeze(settings, service):
    """Stop a daemon's processes where they stand; they keep their connections."""
    pids = processes.within(settings, service.host, [service.process])
    processes.send(pids, signal.SIGSTOP)


def thaw(settings, service):
    pids = processes.within(settings, service.host, [service.process])
    processes.send(pids, signal.SIGCONT)


def start_all(settings):
    """Start everything in order, waiting only for what the next thing needs."""
    for service in MUNGEDS + SSHDS:
        start(settings, service)
    if settings.accounting:
        for service in ACCOUNTING:
            start(settings, service)
        hosts.call(settings, "controller", _account_words(settings))
    start(settings, SLURMCTLD)
    for service in SLURMDS:
        start(settings, service)
    processes.wait_for(
        lambda: not nodes_missing(settings), 30, "the nodes to register with SLURM"
    )


def _account_words(settings):
    cluster = settings.name.replace("-", "_")
    line = (
        "sacctmgr -i add cluster {0} && sacctmgr -i add account lab cluster={0} && "
        "sacctmgr -i add user {1} account=lab cluster={0}"
    )
    return ["bash", "-c", line.format(cluster, settings.user)]


def nodes_missing(settings):
    """Nodes that SLURM does not call idle, allocated or mixed."""
    words = ["sinfo", "-h", "-N", "-o", "%n %T"]
    done = hosts.call(settings, "controller", words, check=False)
    states = dict(line.split() for line in done.stdout.splitlines())
    good = ("idle", "allocated", "mixed", "completing")
    return [name for name in NODES if states.get(name) not in good]
