#!/usr/bin/env python3
"""The whole job, once: practice cluster up, a real SLEAP window, train, predict, load.

Standard library only. It prepares what a laptop and an institute would have (a
cluster, a mount, a screen, a keyring) and then starts cycle.py in SLEAP's own
environment, which clicks through the window. Everything it makes is below
``build/demo`` and on the practice cluster's disk.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
CHECKOUT = FOLDER.parents[1]
sys.path.insert(0, str(FOLDER.parent))

from practice_cluster import settings as practice  # noqa: E402

ENVIRONMENTS = {"1.3": "sleap13", "1.4": "sleap14", "1.6": "sleap16"}


class Table:
    """The steps so far: what was done, how long it took, how it went."""

    def __init__(self):
        self.rows = []

    def add(self, title, seconds, ok, text=""):
        self.rows.append((title, seconds, ok, text))
        print(
            "{:5} {:7.1f} s  {}{}".format(
                "ok" if ok else "FAIL", seconds, title, ": " + text if text else ""
            ),
            flush=True,
        )

    def show(self):
        width = max(len(row[0]) for row in self.rows)
        print("\n{:{}}  seconds  result".format("step", width))
        for title, seconds, ok, text in self.rows:
            print(
                "{:{}}  {:7.1f}  {}".format(
                    title, width, seconds, text or ("ok" if ok else "failed")
                )
            )

    @property
    def all_ok(self):
        return bool(self.rows) and all(row[2] for row in self.rows)


def bring_up(name, extra, table):
    """Start the practice cluster, or take the one that runs; return its settings."""
    start = time.monotonic()
    done = subprocess.run(
        [str(practice.PROGRAM), "up", "--name", name] + extra,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    took = time.monotonic() - start
    if done.returncode:
        table.add("practice cluster up", took, False, done.stdout.strip()[-500:])
        return None
    cluster = practice.load(name)
    table.add("practice cluster up", took, True, "two SSH hops, SLURM, accounting")
    return cluster


def start_screen(out):
    """A virtual screen with a window manager; returns (display, processes)."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-noreset"],
        pass_fds=[write],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        display = ":" + answer.readline().strip()
    manager = subprocess.Popen(
        ["openbox"],
        env=dict(os.environ, DISPLAY=display, HOME=str(out)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return display, [manager, server]


def stop(processes):
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def run_cycle(arguments, cluster, out, display):
    """Run cycle.py in SLEAP's environment, with a keyring of its own."""
    home = out / "home"
    home.mkdir(parents=True)
    profiles = home / ".config" / "sleap-remote" / "clusters"
    profiles.mkdir(parents=True)
    shutil.copy(cluster.profile, str(profiles))
    python = CHECKOUT / ".venvs" / ENVIRONMENTS[arguments.sleap] / "bin" / "python"
    command = [str(python), str(FOLDER / "cycle.py"), "--out", str(out)]
    command += ["--cluster", cluster.name]
    command += ["--state", cluster.state]
    if arguments.project:
        command += ["--project", str(Path(arguments.project).resolve())]
    if arguments.pipeline:
        command += ["--pipeline", arguments.pipeline]
    if arguments.then_predict:
        command += ["--then-predict"]
    if arguments.stay:
        command += ["--stay"]
    told = os.dup(sys.stdout.fileno())  # steps go to ours, SLEAP's words to the log
    command += ["--tell", str(told)]
    # The screen's own key stays where the user has it.
    if display == os.environ.get("DISPLAY") and "XAUTHORITY" not in os.environ:
        os.environ["XAUTHORITY"] = str(Path.home() / ".Xauthority")
    env = dict(os.environ, HOME=str(home), DISPLAY=display, SLEAP_SKIP_QT_FIX="1")
    for name in (
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "SSH_AUTH_SOCK",
        "DBUS_SESSION_BUS_ADDRESS",
        "QT_QPA_PLATFORM",
        "PYTHONPATH",
    ):
        env.pop(name, None)
    keyring = (
        "printf demo | gnome-keyring-daemon --unlock --components=secrets "
        ">/dev/null 2>&1; exec " + " ".join(shlex.quote(part) for part in command)
    )
    with (out / "sleap.log").open("w") as log:
        return subprocess.run(
            ["dbus-run-session", "--", "bash", "-c", keyring],
            env=env,
            cwd=str(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[told],
        ).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sleap", choices=sorted(ENVIRONMENTS), default="1.6")
    parser.add_argument("--project", help="a project of your own; it is copied")
    parser.add_argument(
        "--then-predict",
        action="store_true",
        help="both jobs in one go, by the menu's Train then predict...",
    )
    parser.add_argument(
        "--pipeline",
        choices=("top-down", "bottom-up", "top-down-id", "bottom-up-id", "single"),
        help="SLEAP's kind of training; default: the one that fits the project",
    )
    parser.add_argument("--out", help="default: build/demo/<version of SLEAP>")
    parser.add_argument("--cluster", default="practice", help="the cluster's name")
    parser.add_argument("--range", help="the cluster's address range")
    arguments = parser.parse_args()
    table = Table()
    out = Path(arguments.out or CHECKOUT / "build" / "demo" / arguments.sleap)
    if not (CHECKOUT / ".venvs" / ENVIRONMENTS[arguments.sleap]).is_dir():
        sys.exit(
            "demo: SLEAP {} is not set up here, since its Python is missing; "
            "`make setup` says which.".format(arguments.sleap)
        )
    if arguments.project and not Path(arguments.project).is_file():
        sys.exit("demo: there is no project {}.".format(arguments.project))
    if out.exists():
        shutil.rmtree(str(out))
    out.mkdir(parents=True)
    display = os.environ.get("DISPLAY", "")
    arguments.stay = bool(display)
    try:
        practice.load(arguments.cluster)
        ours = False
    except practice.PracticeClusterError:
        ours = True
    extra = ["--range", arguments.range] if arguments.range else []
    processes = []
    try:
        cluster = bring_up(arguments.cluster, extra, table)
        if cluster is not None:
            if not display:
                display, processes = start_screen(out)
            code = run_cycle(arguments, cluster, out, display)
            steps = out / "steps.json"
            rows = json.loads(steps.read_text()) if steps.exists() else []
            table.rows.extend(tuple(row) for row in rows)
            if code or not rows:
                why = "exit code {}; see {}".format(code, out / "sleap.log")
                table.add("SLEAP", 0.0, False, why)
    finally:
        stop(processes)
        if ours and not arguments.stay:
            subprocess.run(
                [str(practice.PROGRAM), "down", "--name", arguments.cluster],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
    table.show()
    print("\nScreenshots: {}".format(out))
    return 0 if table.all_ok else 1


if __name__ == "__main__":
    sys.exit(main())
