"""The files that make hosts of this machine: accounts, keys and configuration.

They are laid over the machine's own files inside the hosts (see host_init.py); the
machine's own are never written.
"""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path
from string import Template

from . import hosts, modules, processes
from .settings import (
    FOLDER,
    GPUS_PER_NODE,
    HOSTS,
    NODES,
    SIGN_IN_PORTS,
    PracticeClusterError,
)

SSH_HOSTS = ("bastion", "gateway")
KEY_TYPES = ("ed25519", "ecdsa")


def write(settings):
    """Write everything that the hosts need before they start."""
    disk = hosts.inside(settings)
    _write_common(settings, disk / "layers" / "common")
    _write_slurm(settings, disk / "layers" / "slurm")
    _make_keys(settings, disk)
    _make_home(settings, disk / "home" / settings.user)
    os.chown(str(disk / "ceph"), settings.uid, settings.gid)
    os.chmod(str(disk / "hosts"), 0o755)


def _put(path, text, mode=0o644, owner="root"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    user = _account(owner)
    os.chown(str(path), user.pw_uid, user.pw_gid)


def _account(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise PracticeClusterError(
            "This machine has no account {!r}, which its Debian package makes. Install "
            "the packages listed in resources/environments/debian.txt.".format(name)
        ) from None


def _folder(path, owner, mode=0o755):
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    user = _account(owner)
    os.chown(str(path), user.pw_uid, user.pw_gid)


def _fill(file, **values):
    return Template((FOLDER / "etc" / file).read_text()).substitute(values)


def _write_common(settings, layer):
    """What every host has: accounts, names, sshd, and ways to the environments."""
    user = settings.user
    ids = "{}:{}".format(settings.uid, settings.gid)
    # Root's own start-up files are the machine's business: they may wait for locks.
    accounts = Path("/etc/passwd").read_text().replace(":/root:", ":/srv/root:", 1)
    _folder(layer / "srv/root", "root", 0o700)
    names = [line.split(":")[0] for line in accounts.splitlines()]
    accounts += "{0}:x:{1}:{0}:/home/{0}:/bin/bash\n".format(user, ids)
    _put(layer / "etc/passwd", accounts)
    groups = Path("/etc/group").read_text()
    _put(layer / "etc/group", "{}{}:x:{}:\n".format(groups, user, settings.gid))
    shadow = "".join("{}:*:19000:0:99999:7:::\n".format(name) for name in names)
    hashed = processes.call(["openssl", "passwd", "-6", "-stdin"], settings.password)
    shadow += "{}:{}:19000:0:99999:7:::\n".format(user, hashed.stdout.strip())
    _put(layer / "etc/shadow", shadow, 0o600)
    lines = ["127.0.0.1 localhost"]
    lines += ["{} {}".format(settings.address(host), host) for host in HOSTS]
    _put(layer / "etc/hosts", "\n".join(lines) + "\n")
    _put(layer / "etc/resolv.conf", "")
    _put(
        layer / "etc/ssh/banner",
        "This is the practice cluster {!r}.\n".format(settings.name),
    )
    modules.open_ways(settings, layer)


_ACCOUNTING = """\
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=controller
AccountingStoreFlags=job_comment,job_script
AccountingStorageTRES=gres/gpu"""
_NO_ACCOUNTING = "AccountingStorageType=accounting_storage/none"


def _write_slurm(settings, layer):
    """What every host but the bastion has."""
    cgroups = hosts.can_use_cgroups()
    gpu_nodes = [name for name, gpu in NODES.items() if gpu]
    cpu_nodes = [name for name, gpu in NODES.items() if not gpu]
    values = {
        "name": settings.name.replace("-", "_"),
        "cgroup_comment": "cgroup v1: memory limits are real"
        if cgroups
        else "this machine has no cgroup v1: memory limits are not enforced",
        "proctrack": "proctrack/cgroup" if cgroups else "proctrack/linuxproc",
        "task": "task/cgroup" if cgroups else "task/none",
        "gather": "jobacct_gather/cgroup" if cgroups else "jobacct_gather/linux",
        "accounting": _ACCOUNTING if settings.accounting else _NO_ACCOUNTING,
        "remembers": 300 if settings.accounting else 2,
        "nodes": "\n".join(_node_line(name) for name in NODES),
        "gpu_nodes": ",".join(gpu_nodes),
        "cpu_nodes": ",".join(cpu_nodes),
        "all_nodes": ",".join(gpu_nodes + cpu_nodes),
    }
    etc = layer / "etc/slurm"
    _put(etc / "slurm.conf", _fill("slurm.conf", **values))
    _put(etc / "gres.conf", "".join(map(_gres_line, gpu_nodes)))
    if cgroups:
        _put(etc / "cgroup.conf", _fill("cgroup.conf"))
    _put(etc / "slurmdbd.conf", _fill("slurmdbd.conf"), 0o600, "slurm")
    _put(etc / "accounting.sql", _fill("accounting.sql"))
    _put(etc / "my.cnf", _fill("my.cnf"))
    _put(layer / "etc/environment-modules/initrc", _fill("initrc"))
    _folder(layer / "etc/munge", "munge", 0o700)
    key = os.urandom(64).hex()
    _put(layer / "etc/munge/munge.key", key, 0o400, "munge")
    _folder(layer / "var/log/slurm", "slurm")
    _folder(layer / "var/spool/slurmctld", "slurm")
    _folder(layer / "var/spool/slurmd", "root")
    _folder(layer / "var/log/munge", "munge", 0o700)
    _folder(layer / "var/lib/munge", "munge", 0o711)
    _folder(layer / "var/log/mysql", "mysql")


def _node_line(name):
    gres = "Gres=gpu:{}:{} ".format(NODES[name], GPUS_PER_NODE) if NODES[name] else ""
    return "NodeName={} CPUs=8 RealMemory=64000 {}State=UNKNOWN".format(name, gres)


def _gres_line(name):
    return "NodeName={} Name=gpu Type={} File=/dev/nvidia[0-{}]\n".format(
        name, NODES[name], GPUS_PER_NODE - 1
    )


def _make_keys(settings, disk):
    """Fresh host keys, a key of the user's, and what the laptop knows of the hosts."""
    known = []
    for host in SSH_HOSTS:
        folder = disk / "hosts" / host / "upper/etc/ssh"
        folder.mkdir(parents=True)
        ports = SIGN_IN_PORTS.values() if host == "bastion" else [22]
        lines = "".join("Port {}\n".format(port) for port in ports)
        _put(folder / "sshd_config", _fill("sshd_config", ports=lines))
        name = settings.bastion_host if host == "bastion" else settings.gateway_host
        for kind in KEY_TYPES:
            path = folder / "ssh_host_{}_key".format(kind)
            _make_key(path, kind, host)
            public = " ".join(path.with_suffix(".pub").read_text().split()[:2])
            for port in ports:
                shown = name if port == 22 else "[{}]:{}".format(name, port)
                known.append("{} {}\n".format(shown, public))
    Path(settings.known_hosts).write_text("".join(known))
    _make_key(Path(settings.key), "ed25519", settings.user)
    for name in (settings.known_hosts, settings.key, settings.key + ".pub"):
        os.chown(name, settings.laptop_uid, settings.laptop_gid)


def _make_key(path, kind, comment):
    words = ["ssh-keygen", "-q", "-N", "", "-t", kind, "-C", comment, "-f", path]
    processes.call(words)


def fingerprints(settings):
    """``{host: {key type: SHA256 fingerprint}}`` of the hosts' keys."""
    disk = hosts.inside(settings)
    found = {}
    for host in SSH_HOSTS:
        found[host] = {}
        for kind in KEY_TYPES:
            key = disk / "hosts/{}/upper/etc/ssh/ssh_host_{}_key.pub".format(host, kind)
            said = processes.call(["ssh-keygen", "-l", "-f", key]).stdout.split()
            found[host][kind] = said[1]
    return found


def _make_home(settings, home):
    shutil.copytree("/etc/skel", str(home))
    ssh = home / ".ssh"
    ssh.mkdir(mode=0o700)
    shutil.copyfile(settings.key + ".pub", str(ssh / "authorized_keys"))
    (ssh / "authorized_keys").chmod(0o600)
    home.chmod(0o700)
    for folder, _, files in os.walk(str(home)):
        for path in [folder] + [os.path.join(folder, name) for name in files]:
            os.chown(path, settings.uid, settings.gid)


def renew_user_folders(settings):
    """Empty the user's home and the shared disk, all but the modules."""
    disk = hosts.inside(settings)
    home = disk / "home" / settings.user
    shutil.rmtree(str(home))
    _make_home(settings, home)
    for path in (disk / "ceph").iterdir():
        if path.name == "apps":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        else:
            path.unlink()
