"""How many instances a predictions file says that it has. Reading them: tables.py."""

from __future__ import annotations

from pathlib import Path

from sleap_remote_plugin.sleap_host.tables import damaged
from sleap_remote_plugin.words import tr


def count_predictions(path: Path) -> int:
    """Rows of the table of instances; its content is not read.

    Raises
    ------
    ResultsDamaged
        It is none of SLEAP's files.
    """
    import h5py

    try:
        with h5py.File(str(path), "r") as file:
            return int(file["instances"].shape[0]) if len(file["pred_points"]) else 0
    except Exception as error:  # whatever h5py makes of a file like this
        raise damaged(
            path, tr("cannot be read: it is not one of SLEAP's"), error
        ) from error
