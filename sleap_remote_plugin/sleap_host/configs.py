"""The configs of a training: SLEAP's dialog read once, then written without it.

Reading widgets belongs to the GUI thread, and is quick. What SLEAP makes of them is
not (its newer generation imports PyTorch to check a config), and belongs to the
*files lane*. SLEAP's own `write_pipeline_files` is not used: it changes the working
directory of the whole process. Its parts are.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List, Sequence, Tuple

import yaml

from sleap_remote_plugin.errors import PackageProblem, RemoteError
from sleap_remote_plugin.jobs.package import STARTS
from sleap_remote_plugin.sleap_host import package, reused
from sleap_remote_plugin.sleap_host.base import SleapHost
from sleap_remote_plugin.words import tr


@dataclass(frozen=True)
class TrainingConfigs:
    """What SLEAP's training dialog is set to, without the dialog.

    Attributes
    ----------
    labels_name : str
        File name of the labels package.
    frames : int
        Labelled frames, which SLEAP's names of runs tell.
    """

    dialog: "FrozenDialog"
    form: Dict[str, Any]
    labels_name: str
    frames: int


class ConfigsHost(SleapHost):
    """What a host does for configs."""

    def write_configs(
        self, configs: TrainingConfigs, folder: Path, full_rotation: bool = False
    ) -> None:
        try:
            infos = configs.dialog.get_every_head_config_data(dict(configs.form))
        except Exception as error:
            raise package.could_not_write(error) from error
        self.write_models(
            infos, folder, configs.labels_name, configs.frames, full_rotation
        )

    def write_models(
        self,
        infos: Sequence[Any],
        folder: Path,
        labels_name: str,
        frames: int,
        full_rotation: bool = False,
    ) -> None:
        """Configs of these models and jobs.yaml; models that are reused, too."""
        jobs: List[Dict[str, str]] = []
        taken: List[Dict[str, str]] = []
        try:
            for info in infos:
                if info.dont_retrain:
                    run = reused.take_along(Path(info.path).parent, folder, "models")
                    taken.append({"head": str(info.head_name), "run_path": run})
                    continue
                start = self.starting_point(info.config)
                self.make_fit_for_cluster(info.config)
                if full_rotation:
                    self.rotate_fully(info.config)
                if start:
                    run = reused.take_along(Path(start).parent, folder, STARTS)
                    self.start_from(info.config, run, Path(start).name)
                jobs.append(self.write_config(info, folder, labels_name, frames))
        except ImportError as error:
            raise PackageProblem(
                tr(
                    "This SLEAP is one without training (sleap-nn is missing), and "
                    "cannot write a training's configuration. Nothing was submitted. "
                    "Install SLEAP with its training part, then export again."
                ),
                detail=repr(error),
            ) from error
        except RemoteError:
            raise
        except Exception as error:
            raise package.could_not_write(error) from error
        written = {"training": jobs, "inference": []}
        if taken:
            written["reused"] = taken
        (folder / "jobs.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
        package.tidy(folder)

    # -- what the generations differ in -------------------------------------------

    @abc.abstractmethod
    def make_fit_for_cluster(self, config: Any) -> None:
        """Take out of a training config what must not or need not leave."""

    @abc.abstractmethod
    def rotate_fully(self, config: Any) -> None:
        """Have training pictures turned by any angle."""

    @abc.abstractmethod
    def starting_point(self, config: Any) -> str:
        """Path of the weights that training goes on from; empty for none."""

    @abc.abstractmethod
    def start_from(self, config: Any, run: str, weights: str) -> None:
        """Go on from weights in the package, in the folder `run`."""

    @abc.abstractmethod
    def write_config(
        self, info: Any, folder: Path, labels_name: str, frames: int
    ) -> Dict[str, str]:
        """Name the run, write the config; its entry in jobs.yaml."""


class _Frozen:
    """An object of SLEAP's without its widgets: what was not read is its class's."""

    def __init__(self, of: Any, **read: Any) -> None:
        self.__dict__.update(read, _class=type(of))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.__dict__["_class"], name)
        if isinstance(found, property):
            return found.fget(self)  # type: ignore[misc]
        is_static = isinstance(_plain(self.__dict__["_class"], name), staticmethod)
        return found if is_static else found.__get__(self)


def _plain(owner: type, name: str) -> Any:
    for each in owner.__mro__:
        if name in vars(each):
            return vars(each)[name]
    return None


class FrozenDialog(_Frozen):
    """SLEAP's training dialog as it stood when it was read (GUI thread)."""

    def __init__(self, dialog: Any) -> None:
        super().__init__(
            dialog,
            shown_tab_names=list(dialog.shown_tab_names),
            tabs={n: _frozen_tab(dialog.tabs[n]) for n in dialog.shown_tab_names},
            labels=SimpleNamespace(tracks=list(dialog.labels.tracks)),
        )


def _frozen_tab(tab: Any) -> _Frozen:
    menu = tab._cfg_list_widget
    chosen = menu.getSelectedConfigInfo() if menu is not None else None
    form = tab.get_all_form_data()
    return _Frozen(
        tab,
        use_trained=tab.use_trained,
        resume_training=tab.resume_training,
        _cfg_list_widget=SimpleNamespace(getSelectedConfigInfo=lambda: chosen),
        get_all_form_data=lambda: dict(form),
    )


def chosen_run(tab: Any) -> Tuple[str, str]:
    """How a tab's model begins: ``("as it is" | "on" | "", folder's name)``."""
    info = (
        tab._cfg_list_widget.getSelectedConfigInfo() if tab._cfg_list_widget else None
    )
    if info is None or not info.has_trained_model:
        return "", ""
    name = Path(str(info.path)).parent.name
    if tab.use_trained:
        return "as it is", name
    return ("on", name) if tab.resume_training else ("", "")
