"""SLEAP's metrics window on runs of the cluster.

SLEAP would unpickle the metrics, look for files where a config says, and open what it
finds there: all of it for the asking of whoever wrote the folder. Here it is given
the numbers, and looks into the run's own folder only.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Dict, Sequence

from sleap_remote_plugin.errors import ResultsDamaged
from sleap_remote_plugin.jobs.metrics import flat_metrics
from sleap_remote_plugin.jobs.pickled import Array
from sleap_remote_plugin.jobs.untrusted import Unfit, shown
from sleap_remote_plugin.session.metrics import load_metrics, metrics_file
from sleap_remote_plugin.words import tr

#: What SLEAP's window wants of each run.
_WANTED = ("vis.tp", "vis.fp", "vis.tn", "vis.fn", "vis.precision", "vis.recall",
           "dist.avg", "dist.p50", "dist.p75", "dist.p90", "dist.p95", "dist.p99",
           "pck.mPCK", "oks.mOKS", "oks_voc.mAP", "oks_voc.mAR", "pck_voc.mAP",
           "pck_voc.mAR")  # fmt: skip

_NUMBERS = re.compile(r"[<>|][fiu][1248]")


def read_run_metrics(run: Path) -> Dict[str, Any]:
    """A run's metrics as SLEAP's window shows them; empty: it has none.

    Raises
    ------
    ResultsDamaged
        They cannot be read, or are something other than numbers.
    """
    import numpy as np

    path = metrics_file(run)
    if path is None:
        return {}
    try:
        flat = flat_metrics(load_metrics(path))
    except (Unfit, OSError) as error:
        raise ResultsDamaged(
            tr(
                "The metrics {} cannot be shown: the file {}. The models are as they "
                "were."
            ).format(shown(path), _words(error)),
            detail=repr(error),
        ) from error
    found = {name: _number(flat.get(name)) for name in _WANTED}
    distances = _array(flat.get("dist.dists"))
    if distances is None or not np.isfinite(distances).any():
        return {}  # SLEAP's window plots them, or nothing
    found["dist.dists"] = distances
    return found


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return tr("cannot be read: {}").format(error.strerror or error)
    return str(error)


def _number(value: Any) -> Any:
    """A number of the kind that SLEAP's window lists."""
    import numpy as np

    if isinstance(value, (bool, int)):
        return np.array(int(value))
    return np.float64(value) if isinstance(value, float) else np.float64("nan")


def _array(value: Any) -> Any:
    import numpy as np

    if not isinstance(value, Array) or not re.fullmatch(
        r"[<>|][fiu][1248]", value.kind
    ):
        return None
    try:
        found = np.frombuffer(value.data, value.kind).astype("float64")
        order = "F" if value.is_fortran else "C"
        return found.reshape(value.shape, order=order) if found.ndim else None
    except ValueError:
        return None


def run_in_window(info: Any, metrics: Dict[str, Any]) -> Any:
    """A run's config that SLEAP's window can show, with these metrics."""
    from sleap.gui.learning.configs import ConfigFileInfo

    class Run(ConfigFileInfo):
        @property
        def metrics(self) -> Any:
            return metrics or None

        @property
        def skeleton(self) -> Any:
            return _skeleton(super().config, self.head_name, metrics)

        def _get_file_path(self, shortname: str) -> Any:
            path = os.path.join(str(self.path_dir), shortname)
            return path if os.path.isfile(path) else None

        def _get_dataset_len(self, dset_name: str, split_name: str) -> Any:
            try:
                return super()._get_dataset_len(dset_name, split_name)
            except (OSError, KeyError, RuntimeError, ValueError):
                return None  # a damaged copy of the labels: the count is not shown

    config = info._config if hasattr(info, "_config") else info.config
    run = Run(
        config=config,
        path=info.path,
        filename=info.filename,
        head_name=info.head_name,
    )
    if hasattr(info, "_run_name_cache"):
        run._run_name_cache = info._run_name_cache
    return run


class _Nodes:
    """Node names, which is all that SLEAP's window asks of a skeleton."""

    def __init__(self, node_names: Sequence[str]) -> None:
        self.node_names = list(node_names)


def _skeleton(config: Any, head: str, metrics: Dict[str, Any]) -> Any:
    """Names for the columns of the distances; None where they are not known."""
    columns = metrics["dist.dists"].shape[1:] if metrics else ()
    if head == "centroid" and columns in ((), (1,)):
        return _Nodes(["centroid"])
    names = _node_names(config)
    return _Nodes(names) if columns == (len(names),) else None


def _node_names(config: Any) -> Sequence[str]:
    try:
        if hasattr(config, "data"):  # SLEAP 1.3 and 1.4
            return config.data.labels.skeletons[0].node_names
        nodes = config.data_config.skeletons[0].nodes
        return [str(node.name) for node in nodes]
    except (AttributeError, IndexError, KeyError, TypeError):
        return []
