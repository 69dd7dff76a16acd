"""The first process of a host: makes the host's own root, then buries its dead.

Started as ``python3 -m practice_cluster.host_init SPEC`` by hosts.py in fresh mount,
process, host-name and network namespaces. Everything that it mounts ends with it.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path


def mount(*words):
    subprocess.run(["mount"] + [str(word) for word in words], check=True)


def main():
    spec = json.loads(sys.argv[1])
    subprocess.run(["hostname", spec["host"]], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    if spec["kind"] == "cluster":
        let_go_of_other_disks()
        make_inside(spec)
    else:
        make_root(spec)
    print("ready", flush=True)
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    bury_the_dead()


def let_go_of_other_disks():
    """Drop this namespace's copies of FUSE mounts, which would keep them busy."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        target, kind = line.split()[1:3]
        if kind.startswith("fuse") and kind != "fusectl":
            target = target.encode().decode("unicode_escape")
            subprocess.run(["umount", "-l", target], check=False)


def make_inside(spec):
    """The cluster's own memory disks: everything that the hosts write."""
    inside = Path(spec["inside"])
    mount("-t", "tmpfs", "-o", "mode=755,size=50%", "practice-inside", inside)
    for name in ("layers", "hosts", "ceph", "home"):
        (inside / name).mkdir()
    size = "mode=755,size=" + spec["disk_size"]
    mount("-t", "tmpfs", "-o", size, "practice-ceph", inside / "ceph")


def make_root(spec):
    """An overlay on the machine's files with a /dev, /run, /tmp of its own."""
    own = Path(spec["inside"]) / "hosts" / spec["host"]
    for name in ("root", "upper", "work"):
        (own / name).mkdir(parents=True, exist_ok=True)
    root = own / "root"
    options = "lowerdir={}:/,upperdir={},workdir={}".format(
        ":".join(spec["layers"]), own / "upper", own / "work"
    )
    mount("-t", "overlay", "-o", options, "practice-root", root)
    mount("-t", "proc", "proc", root / "proc")
    mount("-t", "sysfs", "-o", "ro", "sysfs", root / "sys")
    make_devices(root / "dev", spec["gpus"])
    for name, mode in (("run", "755"), ("tmp", "1777")):
        mount("-t", "tmpfs", "-o", "mode=" + mode, name, root / name)
    if spec["cgroups"]:
        make_cgroups(root / "sys/fs/cgroup", spec["cgroups"])
    for source, target in spec["binds"]:
        place = root / target.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        mount("--bind", source, place)
    os.chdir(str(root))
    subprocess.run(["pivot_root", ".", "mnt"], check=True)
    os.chdir("/")
    subprocess.run(["umount", "-l", "/mnt"], check=True)


def make_cgroups(folder, cgroups):
    """The host's own branch of each cgroup tree, where SLURM looks for the tree."""
    mount("-t", "tmpfs", "-o", "mode=755", "cgroup", folder)
    for name, branch in cgroups.items():
        (folder / name).mkdir()
        mount("--bind", branch, folder / name)


def make_devices(folder, gpus):
    """The usual devices, and `gpus` that are GPUs by name only."""
    mount("-t", "tmpfs", "-o", "mode=755", "dev", folder)
    devices = [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8)]
    devices += [("urandom", 1, 9), ("tty", 5, 0)]
    devices += [("nvidia{}".format(number), 1, 3) for number in range(gpus)]
    os.umask(0)
    for name, major, minor in devices:
        device = os.makedev(major, minor)
        os.mknod(str(folder / name), stat.S_IFCHR | 0o666, device)
    os.umask(0o022)
    for name in ("pts", "shm"):
        (folder / name).mkdir()
    mount("-t", "devpts", "-o", "newinstance,ptmxmode=666", "devpts", folder / "pts")
    mount("-t", "tmpfs", "-o", "mode=1777", "shm", folder / "shm")
    (folder / "ptmx").symlink_to("pts/ptmx")
    (folder / "fd").symlink_to("/proc/self/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        (folder / name).symlink_to("/proc/self/fd/{}".format(number))


def bury_the_dead():
    keeper = subprocess.Popen(["sleep", "infinity"])
    while True:
        pid, _ = os.wait()
        if pid == keeper.pid:
            keeper = subprocess.Popen(["sleep", "infinity"])


if __name__ == "__main__":
    main()
