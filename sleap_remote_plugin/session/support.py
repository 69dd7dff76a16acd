"""One zip for whoever helps: log, settings, profiles, versions; never a secret."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.cluster import config_folder, data_folder
from sleap_remote_plugin.session.redaction import redacted, redacted_values
from sleap_remote_plugin.words import tr

#: Bytes of each file's end that go along.
_MOST = 500_000

_WHAT_IT_IS = tr("""\
What is in here was taken from the computer of somebody who asked for help with
sleap_remote_plugin. Passwords, tokens and private keys were left out, and the home
folder is called ~. User names, host names and paths are there: look through the files
before you send them.
""")


def write_bundle(
    path: Path, facts: Sequence[Tuple[str, str]], connection: Sequence[str] = ()
) -> Tuple[str, ...]:
    """Write the zip; there is all of it or nothing. Returns the names in it.

    Parameters
    ----------
    facts : sequence of (str, str)
        Versions.
    connection : sequence of str
        Lines of the connection's log.

    Raises
    ------
    RemoteError
        It could not be written there.
    """
    texts = {"README.txt": _WHAT_IT_IS}
    texts["versions.txt"] = "".join("{}: {}\n".format(*fact) for fact in facts)
    texts.update(_settings())
    for file in sorted((config_folder() / "clusters").glob("*.yaml")):
        texts["clusters/" + file.name] = redacted(_end_of(file))
    for name in ("log.txt", "log.txt.1"):
        if (data_folder() / name).exists():
            texts[name] = redacted(_end_of(data_folder() / name))
    if connection:
        texts["connection.txt"] = redacted("\n".join(connection) + "\n")
    part = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(str(part), "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in texts.items():
                archive.writestr(name, _without_home(text))
        os.replace(str(part), str(path))
    except OSError as error:
        _take_away(part)
        raise RemoteError(
            tr("{} could not be written: {}. Choose another folder.").format(
                path, error.strerror or error
            )
        ) from error
    return tuple(texts)


def _settings() -> Dict[str, str]:
    path = config_folder() / "settings.json"
    if not path.exists():
        return {}
    text = _end_of(path)
    try:
        values = redacted_values(json.loads(text))
    except ValueError:
        return {"settings.json": redacted(text)}
    return {"settings.json": json.dumps(values, indent=1, sort_keys=True)}


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _MOST))
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        return tr("It could not be read: {}\n").format(error)


def _without_home(text: str) -> str:
    homes: List[str] = [str(Path.home())]
    homes.append(homes[0].replace("\\", "\\\\"))  # as JSON spells it
    for home in homes:
        if len(home) > 1:
            text = text.replace(home, "~")
    return text


def _take_away(part: Path) -> None:
    try:
        part.unlink()
    except OSError:
        pass
