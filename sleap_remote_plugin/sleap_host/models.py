"""Models that came back, for SLEAP's own dialogs. Predictions: results.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

from sleap_remote_plugin.errors import ProjectNotReady, ResultsMissing
from sleap_remote_plugin.sleap_host.base import SleapHost

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
            raise ProjectNotReady("SLEAP did not open its inference dialog.")
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
        dialog._validate_pipeline()
        return dialog

    def show_metrics(self, runs: Sequence[Path]) -> Any:
        from sleap.gui.dialogs.metrics import MetricsTableDialog

        configs = [self._run_config(run) for run in runs]
        dialog = MetricsTableDialog("")
        infos = [dialog._cfg_getter.try_loading_path(str(c)) for c in configs]
        _check_loaded(configs, infos)
        dialog.table_model.items = [self.with_all_metrics(info) for info in infos]
        dialog.table_view.resizeColumnsToContents()
        self.window._child_windows["metrics"] = dialog
        dialog.show()
        return dialog

    def _run_config(self, run: Path) -> Path:
        for name in self.config_names:
            if (run / name).is_file():
                return run / name
        raise ResultsMissing(
            "The model folder {} has no {}: the training did not get that far, or the "
            "model is of another generation of SLEAP than this one ({}).".format(
                run, " or ".join(self.config_names), self.version
            )
        )

    def with_all_metrics(self, info: Any) -> Any:
        """A run's config that SLEAP's metrics table can show."""
        return info


def _check_loaded(configs: Sequence[Path], infos: Sequence[Any]) -> None:
    for config, info in zip(configs, infos):
        if info is None or info.head_name not in PIPELINES:
            raise ResultsMissing(
                "The model {} cannot be read by this SLEAP.".format(config.parent)
            )
        if not info.has_trained_model:
            raise ResultsMissing(
                "The model folder {} has no trained weights. Look at the job's log, "
                "and train again if need be.".format(config.parent)
            )


def _select_config(tab: Any, info: Any) -> None:
    tab.update_file_list()
    menu = tab._cfg_list_widget
    for index, candidate in enumerate(menu._cfg_list):
        if candidate is info:
            menu.setCurrentIndex(index + menu._menu_cfg_idx_offset)
            tab.acceptSelectedConfigInfo(info)
