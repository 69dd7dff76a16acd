"""Cluster profiles as files: found, read, and checked line by line.

Profiles are YAML. Those in the user's configuration folder (``clusters/*.yaml``)
override the shipped ones by name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Tuple

import yaml

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import (
    Address,
    ClusterProfile,
    GpuAdvice,
    SleapModule,
    config_folder,
    is_host_name,
    is_user_name,
)
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.profile_rules import read_rules
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
    read_memory,
    read_time,
)
from sleap_remote_plugin.jobs.untrusted import Unfit, check_yaml, read_yaml
from sleap_remote_plugin.shipped import shipped
from sleap_remote_plugin.words import tr


def profile_files() -> Dict[str, Path]:
    """Profile name -> file, the user's own before the shipped ones.

    The name is the file's ``name:``; of a file that cannot be read it is the file
    name.
    """
    found: Dict[str, Path] = {}
    for folder in (shipped("clusters"), config_folder() / "clusters"):
        for path in sorted(folder.glob("*.yaml")):
            found[_name_in(path)] = path
    return found


def _name_in(path: Path) -> str:
    try:
        return str(read_yaml(path.read_bytes())["name"])
    except (OSError, TypeError, KeyError, Unfit):
        return path.stem


def _compose(text: str) -> Any:
    """By libyaml, ten times as fast; where that fails Python's words are plainer."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        check_yaml(text, loader)
        return yaml.compose(text, Loader=loader)
    except (Unfit, yaml.YAMLError):
        return yaml.compose(text, Loader=yaml.SafeLoader)


def find_profile(name: str) -> ClusterProfile:
    """The profile of that name.

    Raises
    ------
    ProfileError
        There is none, or it is wrong.
    """
    files = profile_files()
    if name not in files:
        raise ProfileError(
            tr(
                "There is no cluster profile named {}. There are: {}. Add it as {}"
            ).format(
                name,
                ", ".join(sorted(files)) or "none",
                config_folder() / "clusters" / (name + ".yaml"),
            )
        )
    return load_profile(files[name])


def preferred_profile(remembered: str = "") -> ClusterProfile:
    """The profile to use where none is named.

    The remembered one, else the user's own before the shipped ones.

    Raises
    ------
    ProfileError
        There is none, or it is wrong.
    """
    files = profile_files()
    if remembered in files:
        return find_profile(remembered)
    own = [n for n, path in files.items() if path.parent != shipped("clusters")]
    return find_profile(sorted(own or files)[0] if files else "swc")


def load_profile(path: Path) -> ClusterProfile:
    """Read and check one profile.

    Raises
    ------
    ProfileError
        The message names the file, the line, and what is allowed there.
    """
    return read_profile(text_of(path), path)


def text_of(path: Path) -> str:
    """A profile's text, whatever is in it.

    Raises
    ------
    ProfileError
        It cannot be read; with the line of the first character that is none.
    """
    line = 0
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        problem: Exception = error
        line = error.object.count(b"\n", 0, error.start) + 1
        why = tr(
            "line {} has a character that is not in UTF-8. Save the file as UTF-8"
        ).format(line)
    except OSError as error:
        problem, why = error, str(error.strerror or error)
    words = tr("The cluster profile {} cannot be read: {}.").format(path, why)
    raise ProfileError(words, repr(problem), line=line) from problem


def read_profile(text: str, path: Path) -> ClusterProfile:
    """Read and check the text of a profile; `path` is where it is, or is to be.

    Raises
    ------
    ProfileError
        As `load_profile`; with the line as a number too.
    """
    try:
        tree = _compose(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = tr(" at line {}").format(mark.line + 1) if mark else ""
        raise ProfileError(
            tr(
                "The cluster profile {} is not YAML{}: {}. Mend that line; the other "
                "profiles still work."
            ).format(path, where, getattr(error, "problem", "")),
            line=mark.line + 1 if mark else 0,
        ) from error
    except RecursionError as error:
        raise ProfileError(
            tr("The cluster profile {} is nested too deeply.").format(path)
        ) from error
    return _Reader(path).profile(tree)


class _Reader:
    """Turns YAML nodes into a profile; nodes, since they know their lines."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def wrong(self, node: Any, what: str) -> ProfileError:
        line = node.start_mark.line + 1 if node is not None else 1
        return ProfileError(
            tr(
                "The cluster profile {}, line {}: {} Mend that line; the other "
                "profiles still work."
            ).format(self.path, line, what),
            line=line,
            what=what,
        )

    # -- plain nodes --------------------------------------------------------------

    def mapping(
        self, node: Any, allowed: Tuple[str, ...], needed: Tuple[str, ...] = ()
    ) -> Dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise self.wrong(
                node,
                tr("expected `key: value` lines with {}.").format(", ".join(allowed)),
            )
        found: Dict[str, Any] = {}
        for key, value in node.value:
            if key.value not in allowed:
                raise self.wrong(
                    key,
                    tr("`{}` is not known here; allowed are {}.").format(
                        key.value, ", ".join(allowed)
                    ),
                )
            if key.value in found:
                raise self.wrong(key, tr("`{}` is there twice.").format(key.value))
            found[key.value] = value
        for name in needed:
            if name not in found:
                raise self.wrong(node, tr("`{}` is missing.").format(name))
        return found

    def sequence(self, node: Any) -> List[Any]:
        if node is None or self.is_null(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self.wrong(node, tr("expected a list (lines that begin with `-`)."))
        return list(node.value)

    @staticmethod
    def is_null(node: Any) -> bool:
        return node is None or node.tag == "tag:yaml.org,2002:null"

    def text(self, node: Any, default: str = "") -> str:
        if self.is_null(node):
            return default
        if not isinstance(node, yaml.ScalarNode):
            raise self.wrong(node, tr("expected one word or one quoted text."))
        if re.search(r"[\x00-\x1f\x7f]", node.value):
            raise self.wrong(node, tr("control characters are not allowed."))
        return node.value

    def number(self, node: Any, low: int, high: int) -> int:
        text = self.text(node)
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise self.wrong(
                node, tr("expected a whole number from {} to {}.").format(low, high)
            )
        return int(text)

    # -- rooms of a profile -------------------------------------------------------

    def profile(self, tree: Any) -> ClusterProfile:
        fields = self.mapping(
            tree,
            (
                "name",
                "title",
                "login",
                "jump",
                "user",
                "mounts",
                "modules",
                "defaults",
                "limits",
                "gpu_advice",
                "contact",
                "slurm_cluster",
                "fields",
            ),
            needed=("name", "login", "mounts"),
        )
        name = self.text(fields["name"])
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
            raise self.wrong(
                fields["name"], tr("a name has letters, digits, _ . - and no spaces.")
            )
        login = fields["login"]
        pattern, modules = self.modules(fields.get("modules"))
        return ClusterProfile(
            name=name,
            title=self.text(fields.get("title"), name),
            login=None if self.is_null(login) else self.address(login),
            jump=tuple(self.address(n) for n in self.sequence(fields.get("jump"))),
            user=self.user(fields.get("user")),
            mounts=self.mounts(fields["mounts"]),
            module_pattern=pattern,
            modules=modules,
            defaults=self.defaults(fields.get("defaults")),
            limits=tuple(self.limits(fields.get("limits"))),
            gpu_advice=tuple(
                self.advice(n) for n in self.sequence(fields.get("gpu_advice"))
            ),
            contact=self.text(fields.get("contact")),
            slurm_cluster=self.slurm_cluster(fields.get("slurm_cluster")),
            source=self.path,
            rules=read_rules(self, fields.get("fields")),
        )

    def slurm_cluster(self, node: Any) -> str:
        name = self.text(node)
        if not re.fullmatch(r"[\w.-]*", name, re.ASCII):
            raise self.wrong(node, tr("expected what SLURM calls ClusterName."))
        return name

    def address(self, node: Any) -> Address:
        if isinstance(node, yaml.ScalarNode):
            text = self.text(node)
            match = re.fullmatch(
                r"(?:(?P<user>[^@\s]+)@)?(?P<host>[^@:\s]+)(?::(?P<port>\d+))?", text
            )
            port = int(match.group("port") or 22) if match else 0
            user = (match.group("user") or "") if match else ""
            if (
                match is None
                or not is_host_name(match.group("host"))
                or (user and not is_user_name(user))
                or not 0 < port < 65536
            ):
                raise self.wrong(
                    node, tr("expected a host as `host`, `user@host:port`.")
                )
            return Address(match.group("host"), port, user)
        fields = self.mapping(node, ("host", "port", "user"), needed=("host",))
        host = self.text(fields["host"])
        if not is_host_name(host):
            raise self.wrong(fields["host"], tr("expected a host name or address."))
        port = self.number(fields["port"], 1, 65535) if "port" in fields else 22
        return Address(host, port, self.user(fields.get("user")))

    def user(self, node: Any) -> str:
        text = self.text(node)
        if text and not is_user_name(text):
            raise self.wrong(node, tr("expected a user name."))
        return text

    def mounts(self, node: Any) -> Tuple[Mount, ...]:
        found = []
        for entry in self.sequence(node):
            fields = self.mapping(entry, ("cluster", "local"), needed=("cluster",))
            cluster = self.text(fields["cluster"])
            if not cluster.startswith("/"):
                raise self.wrong(
                    fields["cluster"], tr("expected an absolute path such as /ceph.")
                )
            local = fields.get("local")
            spellings = (
                self.sequence(local)
                if not isinstance(local, yaml.ScalarNode) or self.is_null(local)
                else [local]
            )
            for spelling in spellings:
                found.append(Mount(self.text(spelling), cluster.rstrip("/") or "/"))
        if not found:
            raise self.wrong(
                node, tr("a mount needs `cluster:` and at least one `local:` path.")
            )
        return tuple(found)

    def modules(self, node: Any) -> Tuple[str, Tuple[SleapModule, ...]]:
        if self.is_null(node):
            return "SLEAP", ()
        fields = self.mapping(node, ("pattern", "known"))
        known = []
        for entry in self.sequence(fields.get("known")):
            module = self.mapping(entry, ("name", "sleap"), needed=("name",))
            name = self.text(module["name"])
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_./+-]*", name):
                raise self.wrong(
                    module["name"], tr("expected a module such as SLEAP/2023-08-01.")
                )
            version = self.text(module.get("sleap"))
            if version and generation_of_version(version) is None:
                raise self.wrong(
                    module["sleap"], tr("expected a version such as 1.3.1.")
                )
            known.append(SleapModule(name, version))
        pattern = self.text(fields.get("pattern"), "SLEAP")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_./+-]*", pattern):
            raise self.wrong(fields["pattern"], tr("expected a word such as SLEAP."))
        return pattern, tuple(known)

    def defaults(
        self, node: Any
    ) -> Tuple[Tuple[Tuple[JobKind, Generation], Resources], ...]:
        if self.is_null(node):
            return ()
        found = []
        kinds = {kind.value: kind for kind in JobKind}
        generations = {generation.value: generation for generation in Generation}
        for kind, entry in self.mapping(node, tuple(kinds)).items():
            for generation, values in self.mapping(entry, tuple(generations)).items():
                key = (kinds[kind], generations[generation])
                found.append((key, self.resources(values)))
        return tuple(found)

    def resources(self, node: Any) -> Resources:
        fields = self.mapping(
            node,
            (
                "partition",
                "gpus",
                "gpu_type",
                "cpus",
                "memory",
                "time",
                "account",
                "qos",
                "exclude",
                "constraint",
                "mail",
                "at_once",
            ),
        )
        values: Dict[str, Any] = {}
        for name in (
            "partition",
            "gpu_type",
            "account",
            "qos",
            "exclude",
            "constraint",
            "mail",
        ):
            if name in fields:
                values[name] = self.text(fields[name])
        for name, low, high in (
            ("gpus", 0, 64),
            ("cpus", 1, 4096),
            ("at_once", 1, 999),
        ):
            if name in fields:
                values[name] = self.number(fields[name], low, high)
        for name, read in (("memory", read_memory), ("time", read_time)):
            if name in fields:
                values[name] = self.measured(fields[name], read)
        return Resources(**values)

    def measured(self, node: Any, read: Any) -> int:
        text = self.text(node)
        if node.tag == "tag:yaml.org,2002:int" and ":" in text and not node.style:
            raise self.wrong(node, tr('write times in quotes, such as "6:00:00".'))
        try:
            return read(text)
        except ValueError as error:
            raise self.wrong(node, "{}.".format(error)) from error

    def limits(self, node: Any) -> List[Partition]:
        found = []
        for entry in self.sequence(node):
            fields = self.mapping(
                entry,
                ("partition", "time", "cpus", "memory", "gpu_types", "gpus_per_node"),
                needed=("partition",),
            )
            values: Dict[str, Any] = {"name": self.text(fields["partition"])}
            if "time" in fields:
                values["time_limit"] = self.measured(fields["time"], read_time)
            if "memory" in fields:
                values["memory"] = self.measured(fields["memory"], read_memory)
            for name in ("cpus", "gpus_per_node"):
                if name in fields:
                    values[name] = self.number(fields[name], 1, 4096)
            values["gpu_types"] = tuple(
                self.text(n) for n in self.sequence(fields.get("gpu_types"))
            )
            found.append(Partition(**values))
        return found

    def advice(self, node: Any) -> GpuAdvice:
        fields = self.mapping(
            node, ("gpu_type", "generation", "why"), needed=("gpu_type", "why")
        )
        generation = None
        if not self.is_null(fields.get("generation")):
            names = {g.value: g for g in Generation}
            text = self.text(fields["generation"])
            if text not in names:
                raise self.wrong(
                    fields["generation"], "expected {}.".format(" or ".join(names))
                )
            generation = names[text]
        return GpuAdvice(
            self.text(fields["gpu_type"]), generation, self.text(fields["why"])
        )
