"""The next round in SLEAP's window: saved under a new name, trained as before."""

from __future__ import annotations

import abc
from pathlib import Path
from typing import Any, Dict, List, Sequence

from sleap_remote_plugin.errors import ProjectNotReady, RoundNotBegun
from sleap_remote_plugin.sleap_host.models import PIPELINES, ModelsHost, _select_config
from sleap_remote_plugin.words import tr


class NextRoundHost(ModelsHost):
    """What a host does for a new round."""

    def save_as(self, path: Path) -> None:
        from sleap.gui.commands import SaveProjectAs

        SaveProjectAs.do_action(self.window.commands, {"filename": str(path)})
        if str(self.window.state["filename"]) != str(path):
            raise RoundNotBegun(
                tr(
                    "SLEAP could not save {}. The next round was not begun: the "
                    "project is open as before, and its file is as it was."
                ).format(path.name)
            )

    def open_training_like(self, configs: Sequence[Path], runs: Sequence[Path]) -> Any:
        dialog = self.open_dialog("training")
        if dialog is None:
            raise ProjectNotReady(tr("SLEAP did not open its training dialog."))
        getter = dialog._cfg_getter
        trained = self._by_head(getter, self._found_configs(runs))
        asked = self._by_head(getter, configs)
        chosen = {**asked, **trained}
        if not chosen:
            return dialog
        ours = {str(info.path) for info in chosen.values()}
        getter._configs[:] = [i for i in getter._configs if str(i.path) not in ours]
        for info in chosen.values():
            getter.insert_first(info)
        # A centroid model alone does not say which pipeline; the other one does.
        heads = sorted(chosen, key=lambda head: head == "centroid")
        dialog.pipeline_form_widget.current_pipeline = PIPELINES[heads[0]]
        for head in [name for name in dialog.shown_tab_names if name in chosen]:
            _select_config(dialog.tabs[head], chosen[head])
            if head in asked:
                # What a run's own config has on top was found out while it trained.
                dialog.tabs[head]._load_config(asked[head])
            fields = self.fill_what_sleap_forgets(
                dialog.tabs[head], asked.get(head, chosen[head]).config
            )
            dialog.pipeline_form_widget.set_form_data(fields)
        self._validate(dialog)
        return dialog

    @abc.abstractmethod
    def fill_what_sleap_forgets(self, tab: Any, config: Any) -> Dict[str, Any]:
        """Set fields that SLEAP does not when it shows a config.

        Returns
        -------
        dict
            Those of the dialog's first page.
        """

    def _found_configs(self, runs: Sequence[Path]) -> List[Path]:
        """The configs of those runs that this SLEAP can read."""
        found = []
        for run in runs:
            there = [run / n for n in self.config_names if (run / n).is_file()]
            found += there[:1]
        return found

    @staticmethod
    def _by_head(getter: Any, configs: Sequence[Path]) -> Dict[str, Any]:
        infos = [getter.try_loading_path(str(config)) for config in configs]
        return {
            str(info.head_name): info
            for info in infos
            if info is not None and info.head_name in PIPELINES
        }


def channels(rgb: Any, grayscale: Any) -> Dict[str, Any]:
    """The field for what pictures are converted to."""
    return {"_ensure_channels": "RGB" if rgb else "grayscale" if grayscale else ""}
