"""The check's lines about SLURM and modules: programs, accounts, partitions, SLEAP."""

from __future__ import annotations

from typing import Iterator, List, Sequence, Union

from sleap_remote_plugin.jobs.cluster import ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import generation_of_version
from sleap_remote_plugin.jobs.limits import problems
from sleap_remote_plugin.jobs.resources import Partition, Resources, write_time
from sleap_remote_plugin.jobs.site import Association
from sleap_remote_plugin.jobs.version_match import (
    best_module,
    described,
    install_command,
)
from sleap_remote_plugin.session.check_line import Asked, CheckLine
from sleap_remote_plugin.session.offers import disagreements
from sleap_remote_plugin.slurm import commands, site
from sleap_remote_plugin.slurm.text import lines_of
from sleap_remote_plugin.ssh.transport import CommandResult
from sleap_remote_plugin.words import tr

Lines = Iterator[Union[str, CheckLine]]

PROGRAMS = ("sbatch", "squeue", "sacct", "scancel", "sinfo")


def program_lines(asked: Asked) -> Lines:
    """Whether SLURM's commands are there, which SLURM it is, and its accounts."""
    transport = asked.session.transport
    yield tr("SLURM's commands")
    find = 'for name; do command -v "$name"; done'
    found = transport.run(["sh", "-c", find, "sh"] + list(PROGRAMS)).stdout
    there = {line.strip().rsplit("/", 1)[-1] for line in lines_of(found)}
    missing = [name for name in PROGRAMS if name not in there]
    version = site.read_version(transport.run(commands.version()).stdout)
    yield programs_line(asked, missing, version)
    if "sacct" in missing:
        return
    yield tr("SLURM's accounting")
    yield accounting_line(transport.run(commands.recent_accounting()))
    yield from _account_lines(asked)


def programs_line(asked: Asked, missing: Sequence[str], version: str) -> CheckLine:
    if not missing:
        text = tr("{} are there; SLURM {}.").format(
            ", ".join(PROGRAMS), version or tr("does not tell its version")
        )
        return CheckLine(tr("SLURM's commands"), "ok", text)
    return CheckLine(
        tr("SLURM's commands"),
        "fail",
        tr("{} not found on {}.").format(
            ", ".join(missing), asked.session.profile.login or tr("this machine")
        ),
        tr(
            "Check `login` in the cluster profile: it must be the host where sbatch "
            "works. If it is, your start files there may leave SLURM's folder out of "
            "PATH."
        ),
    )


def accounting_line(result: CommandResult) -> CheckLine:
    if result.exit_code == 0:
        return CheckLine(tr("Accounting"), "ok", tr("sacct answers."))
    return CheckLine(
        tr("Accounting"),
        "warn",
        tr("sacct does not answer: {}").format(_said(result)),
        tr(
            "Jobs run all the same; how they end is read from the mount meanwhile. Try "
            "again later."
        ),
    )


def _account_lines(asked: Asked) -> Iterator[CheckLine]:
    """The accounts that jobs can be run under; nothing where SLURM does not say."""
    user = asked.session.user
    try:
        argv = commands.associations(user)
    except ValueError:
        return
    result = asked.session.transport.run(argv)
    if result.exit_code == 0:
        yield account_line(asked, user, site.read_associations(result.stdout))


def account_line(asked: Asked, user: str, accounts: Sequence[Association]) -> CheckLine:
    if accounts:
        words = [
            one.account
            + (" (partition {})".format(one.partition) if one.partition else "")
            for one in accounts
        ]
        text = tr("{} may run jobs under {}.").format(user, ", ".join(words[:8]))
        return CheckLine(tr("Account"), "ok", text)
    return CheckLine(
        tr("Account"),
        "warn",
        tr("SLURM's accounts do not list {}.").format(user),
        tr("If jobs are refused, ask {} for an account.").format(asked.whom_to_ask),
    )


# -- partitions ----------------------------------------------------------------------


def partition_lines(asked: Asked) -> Lines:
    """What can be asked for, and whether the profile's defaults are among it."""
    yield tr("partitions and GPUs")
    result = asked.session.transport.run(commands.partitions())
    found = site.read_partitions(result.stdout)
    if not found:
        said = _said(result) if result.exit_code else tr("it shows no partition.")
        yield CheckLine(
            tr("Partitions"),
            "fail",
            tr("sinfo does not tell what there is: {}").format(said),
            tr(
                "SLURM may be down or busy; jobs that run go on. Try again in a few "
                "minutes, then tell {}."
            ).format(asked.whom_to_ask),
        )
        return
    yield CheckLine(tr("Partitions"), "ok", "; ".join(map(_described, found)) + ".")
    yield from default_lines(asked, found)


def _described(partition: Partition) -> str:
    parts: List[str] = []
    if not partition.is_up:
        parts.append("down")
    if partition.gpu_types:
        kinds = ", ".join(kind or "any" for kind in partition.gpu_types)
        parts.append("GPUs: {}".format(kinds))
    if partition.time_limit:
        parts.append(tr("up to ") + write_time(partition.time_limit))
    return partition.name + (" ({})".format("; ".join(parts)) if parts else "")


def default_lines(asked: Asked, found: Sequence[Partition]) -> Iterator[CheckLine]:
    """Whether what the profile asks for by default can be had."""
    profile = asked.session.profile
    wanted: List[Resources] = []
    for _, resources in profile.defaults:
        if resources not in wanted:
            wanted.append(resources)
    names = {partition.name: partition for partition in found}
    faults = [s for one in wanted for s in problems(one, found, profile.rules)]
    down = [
        tr("Partition {} takes no jobs just now.").format(one.partition)
        for one in wanted
        if one.partition in names and not names[one.partition].is_up
    ]
    where = profile.source.name if profile.source else tr("the cluster profile")
    if faults:
        yield CheckLine(
            tr("Default resources"),
            "fail",
            " ".join(dict.fromkeys(faults)),
            tr(
                "Correct `defaults` in {}, or choose other resources in the submit "
                "dialog."
            ).format(where),
        )
    elif down:
        yield CheckLine(
            tr("Default resources"),
            "warn",
            " ".join(dict.fromkeys(down)),
            tr(
                "Jobs wait there until it is up again. Choose another partition in the "
                "submit dialog, or ask {}."
            ).format(asked.whom_to_ask),
        )
    elif wanted:
        used = ", ".join(dict.fromkeys(one.partition for one in wanted))
        text = tr("What the profile asks for can be had (partition {}).")
        yield CheckLine(tr("Default resources"), "ok", text.format(used))


# -- modules -------------------------------------------------------------------------


def module_lines(asked: Asked) -> Lines:
    """The cluster's SLEAPs, and whether one fits this computer's."""
    yield tr("SLEAP modules")
    profile = asked.session.profile
    modules = asked.session.read_modules(refresh=True)
    if not modules:
        yield CheckLine(
            tr("SLEAP modules"),
            "fail",
            tr("No module matches {}.").format(profile.module_pattern),
            tr(
                "Check `modules: pattern` in the cluster profile, or ask {} for SLEAP "
                "to be installed."
            ).format(asked.whom_to_ask),
        )
        return
    yield modules_line(profile, modules)
    if asked.sleap_version:
        yield version_line(asked.sleap_version, modules)


def modules_line(profile: ClusterProfile, modules: Sequence[SleapModule]) -> CheckLine:
    """Which SLEAP each module loads; what is broken, or not as the profile has it."""
    text = ", ".join(map(described, modules)) + "."
    wrong = disagreements(profile, modules)
    broken = [one.name for one in modules if not one.is_usable]
    if not wrong and not broken:
        return CheckLine(tr("SLEAP modules"), "ok", text)
    remedies = []
    if wrong:
        text += " " + " ".join(wrong)
        remedies.append(tr("What was read counts; correct `modules: known`."))
    if broken:
        remedies.append(
            tr(
                "Jobs go to the other modules. The cluster's people can mend {}."
            ).format(", ".join(broken))
        )
    return CheckLine(tr("SLEAP modules"), "warn", text, " ".join(remedies))


def version_line(own: str, modules: Sequence[SleapModule]) -> CheckLine:
    """How this computer's SLEAP fits the cluster's."""
    generation = generation_of_version(own)
    best = best_module(modules, generation, own) if generation else None
    if best is not None and best.sleap == own:
        text = tr("SLEAP {} is here and there ({}).").format(own, best.name)
        return CheckLine(tr("Version match"), "ok", text)
    if best is not None:
        return CheckLine(
            tr("Version match"),
            "warn",
            tr("Jobs of this computer's SLEAP {} go to {} (SLEAP {}).").format(
                own, best.name, best.sleap
            ),
            tr(
                "Training works; predict with the version that trained. To have the "
                "same here: {}"
            ).format(install_command(best.sleap)),
        )
    there = [one for one in modules if one.is_usable and one.sleap]
    remedy = tr("Ask for a module of that generation.")
    if there:
        remedy = tr("Install a SLEAP here that the cluster has: {}").format(
            install_command(there[-1].sleap)
        )
    return CheckLine(
        tr("Version match"),
        "fail",
        tr("No module of the cluster fits SLEAP {}, which is here.").format(own),
        remedy,
    )


def _said(result: CommandResult) -> str:
    """A program's own words, shortly."""
    lines = [line.strip() for line in lines_of(result.stderr or result.stdout)]
    # The last line is the sum of those before.
    return lines[-1][:300] if lines else tr("exit code {}.").format(result.exit_code)
