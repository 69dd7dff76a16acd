"""A training package out of SLEAP's training dialog and the open project."""

from __future__ import annotations

import abc
from pathlib import Path
from typing import Any, Dict, List, Sequence

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.qt.host import TrainingPlan
from sleap_remote_plugin.sleap_host import package
from sleap_remote_plugin.sleap_host.configs import (
    ConfigsHost,
    FrozenDialog,
    TrainingConfigs,
    chosen_run,
)
from sleap_remote_plugin.sleap_host.labels import LabelsHost
from sleap_remote_plugin.words import tr

_HOW_TO = tr("Trains only, and visualises nothing: predictions are a job of their own.")


class TrainingHost(ConfigsHost, LabelsHost):
    """What a host does for training."""

    def training_plan(self, dialog: Any) -> TrainingPlan:
        project = self._saved_project()
        if project.is_package:
            raise ProjectNotReady(
                tr(
                    "{} is a training package, not a project: it holds the labelled "
                    "images only. Open the project that it was made from, and train "
                    "from there."
                ).format(Path(project.path).name)
            )
        if not project.labelled_frames:
            raise ProjectNotReady(
                tr(
                    "The project has no labelled frames to learn from. Label some "
                    "frames, save the project, and run again."
                )
            )
        self._check_dialog(dialog)
        heads = tuple(name for name in dialog.shown_tab_names
                      if chosen_run(dialog.tabs[name])[0] != "as it is")  # fmt: skip
        if not heads:
            raise ProjectNotReady(
                tr(
                    "Nothing is to be trained: every model is set to be used as it is. "
                    "Choose at least one to be trained in SLEAP's training dialog."
                )
            )
        self._check_identities(heads)
        return TrainingPlan(
            pipeline=dialog.current_pipeline,
            heads=heads,
            labels_name=package.labels_name(project.path),
            warnings=tuple(self.training_warnings(dialog, heads)),
            settings=(_HOW_TO, *_models(dialog)),
            rotations=tuple(
                (name, self.rotation(dialog.tabs[name].get_all_form_data()))
                for name in heads
            ),
        )

    def _check_identities(self, heads: Sequence[str]) -> None:
        """SLEAP 1.3 and 1.4 do not look, and the job would fail on the cluster."""
        if not any(head.startswith("multi_class") for head in heads):
            return
        for frame in self.labels.labeled_frames:
            if any(one.track is not None for one in frame.user_instances):
                return
        raise ProjectNotReady(
            tr(
                "A model of identities learns from tracks who is who, and no labelled "
                "animal has a track. Set them in SLEAP's Tracks menu, save the "
                "project, and run again; or choose a pipeline without identities."
            )
        )

    def read_configs(self, dialog: Any) -> TrainingConfigs:
        plan = self.training_plan(dialog)
        project = self._saved_project()
        return TrainingConfigs(
            dialog=FrozenDialog(dialog),
            form=self.dialog_form(dialog),
            labels_name=plan.labels_name,
            frames=project.labelled_frames,
        )

    # -- what the generations differ in -------------------------------------------

    @abc.abstractmethod
    def training_warnings(self, dialog: Any, heads: Sequence[str]) -> List[str]: ...

    @abc.abstractmethod
    def rotation(self, form: Dict[str, Any]) -> str:
        """By how much a head's form has pictures turned in training: ``±15°``."""


def _models(dialog: Any) -> List[str]:
    """Sentences on trained models that go along."""
    found = []
    for head in dialog.shown_tab_names:
        how, run = chosen_run(dialog.tabs[head])
        if how == "as it is":
            found.append(
                tr("{}: {} is used as it is, and goes along.").format(head, run)
            )
        elif how:
            found.append(tr("{}: training goes on from {}.").format(head, run))
    return found
