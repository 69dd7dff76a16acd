"""The text files of a training package: made fit to be sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Callable

import yaml

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.jobs.names import fitted
from sleap_remote_plugin.words import tr

#: Settings that are nobody else's, or this machine's, whatever they hold.
_PRIVATE = re.compile(r"(.*_)?(api_key|token|password|secret)|entity|.*_port")
_ADDRESS = re.compile(r"(tcp|ipc|udp)://.*")
#: Settings whose texts are the user's names, not paths.
_NAMES = ("skeletons", "nodes", "classes", "part_names", "anchor_part", "tracks")


def tidy(folder: Path) -> None:
    r"""Take secrets and local paths out of the configs; end every line with ``\n``.

    Those of models that go along, too. Files that need none of it stay as they are.

    Raises
    ------
    PackageProblem
        A config cannot be read.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".json", ".yaml", ".yml") and path.is_file():
            _tidy_file(path)


def _tidy_file(path: Path) -> None:
    data = path.read_bytes()
    is_json = path.suffix == ".json"
    read: Callable[[Any], Any] = json.loads if is_json else _read_yaml
    try:
        value = read(data.decode("utf-8"))
    except (ValueError, yaml.YAMLError) as error:
        raise could_not_write(error) from error
    clean = without_secrets(value)
    if clean != value:
        text = json.dumps(clean) if is_json else yaml.safe_dump(clean, sort_keys=False)
        data = text.encode("utf-8")
    path.write_bytes(data.replace(b"\r\n", b"\n"))


def _read_yaml(text: str) -> Any:
    # libyaml, where there is one, takes a tenth of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)


def without_secrets(value: Any) -> Any:
    """A config without keys, and with names in the place of local paths."""
    if isinstance(value, dict):
        return {
            key: each
            if key in _NAMES
            else (None if _PRIVATE.fullmatch(str(key)) else without_secrets(each))
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(each) for each in value]
    if isinstance(value, str) and _ADDRESS.fullmatch(value):
        return ""
    if isinstance(value, str) and is_local(value):
        return re.split(r"[\\/]", value.rstrip("\\/"))[-1]
    return value


def could_not_write(error: Exception) -> PackageProblem:
    return PackageProblem(
        tr(
            "SLEAP could not write the training configuration ({}). Nothing was "
            "submitted; check the settings in the training dialog."
        ).format(error),
        detail=repr(error),
    )


def plain(html: str) -> str:
    """A message of SLEAP's dialogs without its markup."""
    text = re.sub(r"<br ?/?>|</div>|</li>", " ", html)
    text = re.sub(r"<[^>]*>|&#\d+;|&nbsp;", " ", text).replace("&ndash;&gt;", "->")
    text = text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    return " ".join(text.split())


def labels_name(project: str) -> str:
    """SLEAP's own name for a project's package: ``labels.v001.pkg.slp``.

    Shortened where no disk could hold it, and never one that reads as an option, a
    home folder or a drive.
    """
    stem = re.sub(r"^(?=[-~]|[A-Za-z]:)", "_", Path(project).stem)
    return fitted(stem, ".pkg.slp", spare=20)


def is_local(text: str) -> bool:
    """Whether a text is a path that means this machine only, on any system."""
    return bool(re.match(r"/(?!/?$)|\\\\|~[\\/]|[A-Za-z]:[\\/]", text))


def angles(low: Any, high: Any) -> str:
    """``±15°``, or ``-10° to 30°``, of what a form holds."""
    try:
        first, last = float(low), float(high)
    except (TypeError, ValueError):
        return tr("as SLEAP has it")
    if first == -last:
        return "\u00b1{:g}\u00b0".format(last)
    return "{:g}\u00b0 to {:g}\u00b0".format(first, last)
