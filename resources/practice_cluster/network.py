"""Links: laptop -- bastion -- everything else, with no way round the bastion.

Both switches are in the cluster's own network namespace. On the laptop's side there is
one link and a route for the range through the bastion, which forwards nothing; both
vanish with the cluster.
"""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys

from . import hosts, processes
from .settings import FOLDER, HOSTS, PracticeClusterError

BASTION_MAC = "02:70:63:00:00:02"
LAPTOP_PORT, BASTION_PORT = "laptop", "bastion-out"
LINK_IN_HOST = "eth0"


def check_range(text):
    """Refuse a range that is malformed, too small or in use on this machine."""
    try:
        wanted = ipaddress.ip_network(text)
    except ValueError as error:
        raise PracticeClusterError(
            "--range {}: {}. Give one like 10.213.0.0/22.".format(text, error)
        ) from None
    if wanted.version != 4 or wanted.prefixlen > 23 or not wanted.is_private:
        raise PracticeClusterError(
            "--range {} must be a private IPv4 range of /23 or larger, "
            "like 10.213.0.0/22.".format(text)
        )
    for route in json.loads(processes.call(["ip", "-j", "-4", "route"]).stdout):
        if route["dst"] == "default":
            continue
        if wanted.overlaps(ipaddress.ip_network(route["dst"])):
            raise PracticeClusterError(
                "The range {} is in use on this machine ({} by {}). Nothing was "
                "started; choose another with --range.".format(
                    text, route["dst"], route.get("dev", "a route")
                )
            )


def owner_of_link(settings):
    """The state folder that the laptop's link belongs to; None if there is no link."""
    asked = processes.call(["ip", "-j", "link", "show", settings.link], check=False)
    if asked.returncode:
        return None
    return json.loads(asked.stdout)[0].get("ifalias", "")


def connect_hosts(settings):
    """Make the switches and plug every host in, and the laptop."""
    processes.call(
        ["ip", "-batch", "-"],
        input="link add outer type bridge\nlink set outer up\n"
        "link add inner type bridge\nlink set inner up\n",
        **_in_cluster(settings),
    )
    for host in HOSTS:
        plug_in(settings, host)
    _connect_laptop(settings)


def plug_in(settings, host):
    """Give a host its place on the inner switch (the bastion: on the outer too)."""
    lines = _port(settings, host, host, "inner", LINK_IN_HOST)
    mine = ["address add {}/24 dev {}".format(settings.address(host), LINK_IN_HOST)]
    mine += ["link set {} up".format(LINK_IN_HOST)]
    if host == "bastion":
        lines += _port(settings, host, BASTION_PORT, "outer", "eth1")
        mine += ["link set eth1 address {}".format(BASTION_MAC)]
        mine += ["address add {}/30 dev eth1".format(settings.bastion_host)]
        mine += ["link set eth1 up"]
    processes.call(
        ["ip", "-batch", "-"], input="\n".join(lines) + "\n", **_in_cluster(settings)
    )
    text = "\n".join(mine) + "\n"
    hosts.call(settings, host, ["ip", "-batch", "-"], input=text)
    if host == "bastion":
        hosts.call(settings, host, ["sysctl", "-q", "-w", "net.ipv4.ip_forward=0"])


def _port(settings, host, port, switch, name):
    """`ip` lines, for the cluster's namespace, that plug `host` into `switch`."""
    # The pid is the cluster namespace's own, not the machine's.
    pid = processes.first_process(settings, host)
    ids = _inner_pid(pid)
    return [
        "link add {} type veth peer name {} netns {}".format(port, name, ids),
        "link set {} master {} up".format(port, switch),
    ]


def _inner_pid(pid):
    with open("/proc/{}/status".format(pid)) as lines:
        for line in lines:
            if line.startswith("NSpid:"):
                return line.split()[2]
    raise PracticeClusterError("Process {} is gone.".format(pid))


def _connect_laptop(settings):
    cluster = processes.first_process(settings, hosts.CLUSTER)
    link = settings.link
    processes.call(
        ["ip", "-batch", "-"],
        input="link add {link} type veth peer name {port} netns {cluster}\n"
        "link set {link} alias {state}\n"
        "address add {laptop}/30 dev {link}\n"
        "link set {link} up\n"
        "neighbour replace {bastion} lladdr {mac} nud permanent dev {link}\n"
        "route add {range} via {bastion} dev {link}\n".format(
            link=link,
            port=LAPTOP_PORT,
            cluster=cluster,
            state=settings.state,
            laptop=settings.laptop_address,
            bastion=settings.bastion_host,
            mac=BASTION_MAC,
            range=settings.range,
        ),
    )
    processes.call(
        ["ip", "link", "set", LAPTOP_PORT, "master", "outer", "up"],
        **_in_cluster(settings),
    )


def _in_cluster(settings):
    """Arguments of `processes.call` that run a command on the switches' host."""
    prefix = hosts.enter_argv(settings, hosts.CLUSTER)
    return {"prefix": prefix, "env": processes.CLEAN}


def remove_laptop_link(settings):
    """Remove the laptop's link if it is this cluster's."""
    if owner_of_link(settings) == settings.state:
        processes.call(["ip", "link", "delete", settings.link], check=False)


def unplug(settings, port):
    """Pull a cable: packets are lost, nobody is told."""
    processes.call(["ip", "link", "set", port, "nomaster"], **_in_cluster(settings))


def plug_back(settings, port):
    switch = "outer" if port in (LAPTOP_PORT, BASTION_PORT) else "inner"
    processes.call(
        ["ip", "link", "set", port, "master", switch], **_in_cluster(settings)
    )


def start_delay(settings, milliseconds):
    """Put a slow wire between laptop and bastion, for this round-trip time."""
    stop_delay(settings)
    for port in (LAPTOP_PORT, BASTION_PORT):
        unplug(settings, port)
    wire = [sys.executable, "-m", __package__ + ".slow_wire"]
    bastion = processes.first_process(settings, "bastion")
    whole = wire + ["--whole-packets"]
    in_bastion = ["nsenter", "-t", bastion, "-n", "--"]
    processes.call(whole + ["eth1"], prefix=in_bastion, env=_python_environment())
    processes.call(whole + [settings.link], env=_python_environment())
    both = hosts.enter_argv(settings, hosts.CLUSTER) + wire
    process = subprocess.Popen(
        both + [LAPTOP_PORT, BASTION_PORT, str(milliseconds / 2000.0)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_python_environment(),
        start_new_session=True,
    )
    with process.stdout:
        if process.stdout.readline().strip() != b"ready":
            raise PracticeClusterError("The slow wire did not start.")


def _python_environment():
    return dict(
        processes.CLEAN, PYTHONPATH=str(FOLDER.parent), PYTHONDONTWRITEBYTECODE="1"
    )


def stop_delay(settings):
    """Put the ordinary wire back."""
    first = processes.first_process(settings, hosts.CLUSTER)
    processes.end(slow_wires(settings, first))
    for port in (LAPTOP_PORT, BASTION_PORT):
        plug_back(settings, port)


def slow_wires(settings, first):
    """Ids of the slow wire's process."""
    found = []
    for pid in processes.within(settings, hosts.CLUSTER):
        with open("/proc/{}/cmdline".format(pid)) as words:
            if "slow_wire" in words.read() and pid != first:
                found.append(pid)
    return found
