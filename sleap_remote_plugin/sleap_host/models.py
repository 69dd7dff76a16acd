"""Models that came back, for SLEAP's own dialogs. Predictions: results.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Sequence

from sleap_remote_plugin.errors import ProjectNotReady, ResultsMissing
from sleap_remote_plugin.sleap_host.base import SleapHost
from sleap_remote_plugin.sleap_host.metrics_window import (
    read_run_metrics,
    run_in_window,
)
from sleap_remote_plugin.words import tr

PIPELINES = {
    "centroid": "top-down",
    "centered_instance": "top-down",
    "multi_class_topdown": "top-down-id",
    "multi_instance": "bottom-up",
    "bottomup": "bottom-up",
    "multi_class_bottomup": "bottom-up-id",
    "single_instance": "single",
}


class ModelsHost(SleapHost):
    """What a host does with trained models."""

    def offer_models(self, runs: Sequence[Path]) -> Any:
        configs = [self._run_config(run) for run in runs]
        dialog = self.open_dialog("inference")
        if dialog is None:
            raise ProjectNotReady(tr("SLEAP did not open its inference dialog."))
        getter = dialog._cfg_getter
        infos = [getter.try_loading_path(str(config)) for config in configs]
        _check_loaded(configs, infos)
        ours = {str(config) for config in configs}
        getter._configs[:] = [i for i in getter._configs if str(i.path) not in ours]
        for info in reversed(infos):
            getter.insert_first(info)
        heads = [info.head_name for info in infos]
        # A centroid model alone does not say which pipeline; the other one does.
        head = next((name for name in heads if name != "centroid"), heads[0])
        dialog.pipeline_form_widget.current_pipeline = PIPELINES[head]
        for info in reversed(infos):
            if info.head_name in dialog.shown_tab_names:
                _select_config(dialog.tabs[info.head_name], info)
        self._validate(dialog)
        return dialog

    def add_models(self, dialog: Any, runs: Sequence[Path]) -> None:
        getter = dialog._cfg_getter
        known = {str(info.path) for info in getter._configs}
        infos = []
        for run in runs:
            config = self._run_config(run)
            info = getter.try_loading_path(str(config))
            if str(config) not in known and info is not None:
                infos.append(info)
        for info in reversed(infos):
            getter.insert_first(info)
        for name in {info.head_name for info in infos} & set(dialog.tabs):
            _list_again(dialog.tabs[name])
        self._validate(dialog)

    def read_metrics(self, runs: Sequence[Path]) -> List[Dict[str, Any]]:
        return [read_run_metrics(run) for run in runs]

    def show_metrics(
        self, runs: Sequence[Path], metrics: Sequence[Dict[str, Any]]
    ) -> Any:
        from sleap.gui.dialogs.metrics import MetricsTableDialog

        configs = [self._run_config(run) for run in runs]
        dialog = MetricsTableDialog("")
        infos = [dialog._cfg_getter.try_loading_path(str(c)) for c in configs]
        _check_loaded(configs, infos)
        dialog.table_model.items = [
            run_in_window(info, values) for info, values in zip(infos, metrics)
        ]
        dialog.table_view.resizeColumnsToContents()
        self.window._child_windows["metrics"] = dialog
        dialog.show()
        return dialog

    def _run_config(self, run: Path) -> Path:
        for name in self.config_names:
            if (run / name).is_file():
                return run / name
        raise ResultsMissing(
            tr(
                "The model folder {} has no {}: the training did not get that far, or "
                "the model is of another generation of SLEAP than this one ({})."
            ).format(run, tr(" or ").join(self.config_names), self.version)
        )


def _check_loaded(configs: Sequence[Path], infos: Sequence[Any]) -> None:
    for config, info in zip(configs, infos):
        if info is None or info.head_name not in PIPELINES:
            raise ResultsMissing(
                tr("The model {} cannot be read by this SLEAP.").format(config.parent)
            )
        if not info.has_trained_model:
            raise ResultsMissing(
                tr(
                    "The model folder {} has no trained weights. Look at the job's "
                    "log, and train again if need be."
                ).format(config.parent)
            )


def _select_config(tab: Any, info: Any) -> None:
    tab.update_file_list()
    menu = tab._cfg_list_widget
    for index, candidate in enumerate(menu._cfg_list):
        if candidate is info:
            menu.setCurrentIndex(index + menu._menu_cfg_idx_offset)
            tab.acceptSelectedConfigInfo(info)


def _list_again(tab: Any) -> None:
    """Show the list of configs anew; what the user chose and typed stays."""
    menu = tab._cfg_list_widget
    chosen = menu.getSelectedConfigInfo()
    if chosen is None:  # nothing to choose from up to now: SLEAP takes the first
        tab.update_file_list()
        first = menu.getSelectedConfigInfo()
        if first is not None:
            tab.acceptSelectedConfigInfo(first)
        return
    menu.onConfigSelection.disconnect(tab.acceptSelectedConfigInfo)
    try:
        menu.update(select=chosen)
    finally:
        menu.onConfigSelection.connect(tab.acceptSelectedConfigInfo)
