"""The loss curves of one training job: train and validation, log scale, best epoch."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

from qtpy.QtCore import Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QLabel, QStackedLayout, QWidget

#: Okabe and Ito's colours (colour-blind safe), one a model: on light, on dark.
_MODELS = (("#0072b2", "#56b4e9"), ("#b34700", "#ff9d5c"), ("#00704f", "#2fc795"))


def _canvas_and_figure() -> Tuple[Any, Any]:
    """A canvas of matplotlib for the Qt in use, imported when first needed (0.2 s)."""
    try:
        from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
    except ImportError:  # before matplotlib 3.5
        from matplotlib.backends.backend_qt5agg import FigureCanvasQTAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 2.2), tight_layout=True)
    return FigureCanvasQTAgg(figure), figure


def best_epoch(curve: Sequence[Any]) -> Optional[Any]:
    """The point with the lowest validation loss; None where there is none."""
    known = [point for point in curve if point.val_loss is not None]
    return min(known, key=lambda point: point.val_loss) if known else None


class LossPlot(QWidget):
    """A plot, or a sentence where there is nothing to plot."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(150)
        self._layout = QStackedLayout(self)
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layout.addWidget(self._sentence)
        self._canvas: Any = None
        self._figure: Any = None
        self._drawn: Any = None

    def say(self, sentence: str) -> None:
        self._drawn = None
        self._sentence.setText(sentence)
        self._layout.setCurrentWidget(self._sentence)

    def show_curves(self, curves: Sequence[Tuple[str, Sequence[Any]]]) -> None:
        """Draw (model, points) curves; drawing the same again costs nothing."""
        drawn = (tuple((name, tuple(curve)) for name, curve in curves), self._colours())
        if drawn == self._drawn:
            return
        if not any(curve for _, curve in curves):
            self.say("No epoch has ended yet. The curve begins with the first one.")
            return
        if self._canvas is None:
            self._canvas, self._figure = _canvas_and_figure()
            self._canvas.setAccessibleName("Loss by epoch")
            self._layout.addWidget(self._canvas)
        self._drawn = drawn
        self._draw([(n, c) for n, c in curves if c])
        self._layout.setCurrentWidget(self._canvas)

    def _colours(self) -> Tuple[str, str, bool]:
        palette = self.palette()
        back = palette.color(QPalette.ColorRole.Window)
        ink = palette.color(QPalette.ColorRole.WindowText)
        return back.name(), ink.name(), back.lightness() < 128

    def _draw(self, curves: List[Tuple[str, Sequence[Any]]]) -> None:
        back, ink, dark = self._colours()
        self._figure.clear()
        self._figure.set_facecolor(back)
        axes = self._figure.add_subplot(111)
        axes.set_facecolor(back)
        for index, (name, curve) in enumerate(curves):
            self._draw_one(axes, name, curve, _MODELS[index % len(_MODELS)][dark])
        axes.set_yscale("log")
        axes.set_xlabel("epoch", color=ink, fontsize=8)
        axes.set_ylabel("loss", color=ink, fontsize=8)
        axes.tick_params(colors=ink, which="both", labelsize=8)
        axes.xaxis.get_major_locator().set_params(integer=True)
        # From the first epoch on, and never a fraction of one.
        last = max(point.epoch + 1 for _, curve in curves for point in curve)
        axes.set_xlim(0.8, max(last, 2) + 0.2)
        axes.grid(True, which="major", color=ink, alpha=0.15, linewidth=0.6)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(ink)
        legend = axes.legend(fontsize=7, frameon=False, loc="upper right")
        for text in legend.get_texts():
            text.set_color(ink)
        self._canvas.draw()

    @staticmethod
    def _draw_one(axes: Any, name: str, curve: Sequence[Any], colour: str) -> None:
        marker = {"marker": "o", "markersize": 3} if len(curve) < 3 else {}
        for label, style, field in (
            ("validation", "-", "val_loss"),
            ("train", ":", "loss"),
        ):
            points = [
                (p.epoch + 1, getattr(p, field))
                for p in curve
                if getattr(p, field) is not None and getattr(p, field) > 0
            ]
            if points:
                axes.plot(
                    *zip(*points),
                    style,
                    color=colour,
                    linewidth=1.4,
                    label="{}, {}".format(name, label),
                    **marker,
                )
        best = best_epoch(curve)
        if best is not None and best.val_loss > 0:
            axes.plot([best.epoch + 1], [best.val_loss], "*", color=colour, ms=9)
