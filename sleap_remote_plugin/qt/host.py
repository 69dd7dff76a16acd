"""What the dock asks of the program that it lives in: the contract.

``sleap_host.legacy`` and ``sleap_host.current`` keep it. Methods run on the GUI
thread and touch nothing that can hang, except those marked *files lane*.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Generator, Iterator, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.prediction import (
    BadEnding,
    Meant,
    PredictionRequest,
    VideoInput,
)
from sleap_remote_plugin.qt.loads import LoadMode, LoadPreview


@dataclass(frozen=True)
class ProjectVideo:
    """A video of the open project; `path` is empty for one inside the project.

    `files` are all that it is read from: the images of a series; the package that
    embedded frames are in. Empty: only `path`.
    """

    index: int
    path: str
    frames: int  # 0: not known without opening the file
    files: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """The open project.

    Attributes
    ----------
    path : str
        Empty while it was never saved.
    has_changes : bool
        Whether there is something that was not saved.
    labelled_frames : int
        Frames with at least one user instance.
    is_package : bool
        Whether it is a ``.pkg.slp``, which is for training only.
    """

    path: str
    has_changes: bool
    labelled_frames: int
    videos: Tuple[ProjectVideo, ...] = ()
    is_package: bool = False


@dataclass(frozen=True)
class TrainingPlan:
    """What SLEAP's training dialog is set to.

    Attributes
    ----------
    pipeline : str
        ``top-down``, ``bottom-up``, ``single``, ...
    heads : tuple of str
        Models to be trained, in order.
    labels_name : str
        File name of the labels package: ``labels.v001.pkg.slp``.
    warnings : tuple of str
        Sentences on settings that are known to fail on the cluster.
    settings : tuple of str
        Sentences on what the package is made to do, for the user to see.
    rotations : tuple of (str, str)
        For each of `heads`: by how much its pictures are turned in training, ``±15°``.
    """

    pipeline: str
    heads: Tuple[str, ...]
    labels_name: str
    warnings: Tuple[str, ...] = ()
    settings: Tuple[str, ...] = ()
    rotations: Tuple[Tuple[str, str], ...] = ()


@dataclass(frozen=True)
class MergeSummary:
    """What a load of predictions changed."""

    frames: int
    instances: int
    replaced: int


#: Called with (done, total), and with a word on what is done where that changes;
#: returns False to stop.
ReportProgress = Callable[..., bool]


class Host(abc.ABC):
    """The SLEAP window that we are docked in."""

    #: The QMainWindow.
    window: Any

    @property
    @abc.abstractmethod
    def version(self) -> str:
        """SLEAP's own version: ``1.3.1``."""

    @property
    @abc.abstractmethod
    def generation(self) -> Generation:
        """Which files this SLEAP writes and understands."""

    # -- its window -------------------------------------------------------------------

    @abc.abstractmethod
    def add_menu(self, menu: Any) -> None:
        """Put a QMenu into *Predict*, behind *Run Inference* and our other menus."""

    @abc.abstractmethod
    def shortcut(self, entry: str) -> str:
        """Keys that the user gave an entry of our menu (objectName); empty: none.

        They are set where the host's own are.
        """

    @abc.abstractmethod
    def add_dock(self, title: str, widget: Any) -> Any:
        """Dock a widget as one more tab (``remote_dock``), and return the dock."""

    @abc.abstractmethod
    def accept_drops(self, mime: str, dropped: Callable[[str], None]) -> None:
        """Call back with what is dropped onto SLEAP's video in this MIME type.

        Files that are dropped there are SLEAP's own business, as ever.

        Parameters
        ----------
        dropped : callable
            Gets the data as text, once the drag is over.
        """

    # -- the project ----------------------------------------------------------------

    @abc.abstractmethod
    def project(self) -> Optional[Project]:
        """The open project; None where there is none."""

    @abc.abstractmethod
    def on_project_changed(self, callback: Callable[[], None]) -> None:
        """Call back whenever the open project, its file or its state changes."""

    @abc.abstractmethod
    def open_project_file(self, path: str) -> None:
        """SLEAP's own *Open Project...*; it asks for a file where `path` is empty."""

    @abc.abstractmethod
    def add_videos(self) -> None:
        """SLEAP's own *Add Videos...*, which asks for files."""

    @abc.abstractmethod
    def save_project(self) -> None:
        """SLEAP's own *Save* (it may ask for a name)."""

    @abc.abstractmethod
    def save_as(self, path: Path) -> None:
        """SLEAP's own saving under this name; the open project is that file then.

        Raises
        ------
        RoundNotBegun
            It is not: the project is open as before.
        """

    @abc.abstractmethod
    def open_training_like(self, configs: Sequence[Path], runs: Sequence[Path]) -> Any:
        """Show SLEAP's training dialog, set as these configs are.

        Parameters
        ----------
        configs : sequence of Path
            One for each model, as an earlier training was asked for.
        runs : sequence of Path
            What came of it: offered as starting points, used only if the user wants.

        Raises
        ------
        ProjectNotReady
            As `open_dialog`.
        """

    # -- SLEAP's dialogs --------------------------------------------------------------

    @abc.abstractmethod
    def open_dialog(self, mode: str) -> Any:
        """Show SLEAP's own dialog (``training`` or ``inference``), and return it.

        Raises
        ------
        ProjectNotReady
            SLEAP would refuse: nothing open, no video, or changes that are not saved.
        """

    @abc.abstractmethod
    def on_dialog_made(self, callback: Callable[[str, Any], None]) -> None:
        """Call back with (mode, dialog), once, for each dialog that SLEAP makes."""

    @abc.abstractmethod
    def add_run_button(
        self,
        dialog: Any,
        text: str,
        run: Callable[[], None],
        run_there: Callable[[str], None],
    ) -> Any:
        """Put a button beside *Run*, enabled as *Run* is, and return it.

        It has ``setText(text)``, and ``offer(choices)`` for other clusters: (name,
        text) of each.

        Parameters
        ----------
        run_there : callable
            Gets the name of the cluster that was chosen beside the button.
        """

    # -- training -----------------------------------------------------------------

    @abc.abstractmethod
    def training_plan(self, dialog: Any) -> TrainingPlan:
        """What the training dialog is set to.

        Raises
        ------
        ProjectNotReady
            A sentence on what is missing.
        """

    @abc.abstractmethod
    def read_configs(self, dialog: Any) -> Any:
        """What the training dialog holds, for `write_configs`.

        Raises
        ------
        ProjectNotReady
            As `training_plan`.
        """

    @abc.abstractmethod
    def write_configs(
        self, configs: Any, folder: Path, full_rotation: bool = False
    ) -> None:
        """Write configs and jobs.yaml into a local folder (*files lane*).

        As the how-to asks: predict on nothing, no visualisation; and nothing that
        the cluster must not see (keys, ports, absolute paths). Trained models that
        are used go along. The working directory stays what it is.

        Parameters
        ----------
        full_rotation : bool
            Turn the pictures by any angle in training, whatever the dialog says.
        """

    @abc.abstractmethod
    def labels_slices(self, project: str = "") -> Iterator[Optional[Any]]:
        """The labels as they are now, for `write_labels`; taken a slice at a time.

        Gives None between two slices, and the snapshot at the end.

        Parameters
        ----------
        project : str
            The project's path.
        """

    @abc.abstractmethod
    def labels_size(self, snapshot: Any) -> int:
        """About how many bytes the package will have (*files lane*).

        Raises
        ------
        PackageProblem
            A frame cannot be read; the message names the video and the frame.
        """

    @abc.abstractmethod
    def write_labels(self, snapshot: Any, path: Path, report: ReportProgress) -> None:
        """Write the labels package with its images (*files lane*).

        Parameters
        ----------
        report : callable
            Gets (done, total, ``frames``) while images are encoded, then (done,
            total, ``images``) while they are put into the package.

        Raises
        ------
        Cancelled
            `report` returned False; nothing is left at `path`.
        PackageProblem
            A frame cannot be read, or SLEAP could not write the package; the message
            names the video and the frame.
        """

    @abc.abstractmethod
    def check_labels_file(self, path: Path, snapshot: Any) -> None:
        """Open a package where it was copied to, and look (*files lane*).

        Raises
        ------
        PackageProblem
            It is not what was written.
        """

    # -- prediction -----------------------------------------------------------------

    @abc.abstractmethod
    def prediction_request(self, dialog: Any) -> PredictionRequest:
        """What the inference dialog is set to.

        Raises
        ------
        ProjectNotReady
            A sentence on what is missing.
        """

    @abc.abstractmethod
    def offer_frames(self, dialog: Any) -> None:
        """Set the training dialog to predict on something afterwards.

        Where it says *nothing*, or the one frame in sight, it says the whole of the
        current video then; what else the user or SLEAP has chosen stays.
        """

    @abc.abstractmethod
    def request_after_training(self, dialog: Any) -> PredictionRequest:
        """What the training dialog is set to predict on afterwards; without models.

        Where it says *nothing*: the whole of the current video.

        Raises
        ------
        ProjectNotReady
            A sentence on what is missing.
        """

    @abc.abstractmethod
    def look_at_endings(
        self, videos: Sequence[VideoInput], report: ReportProgress
    ) -> Tuple[Tuple[VideoInput, ...], Tuple[BadEnding, ...]]:
        """Read the last wanted frames of each video (*files lane*).

        Returns
        -------
        (tuple of VideoInput, tuple of BadEnding)
            The videos with their true lengths, and those that end badly.

        Raises
        ------
        Cancelled
            `report` returned False.
        ProjectNotReady, RemoteError
            A video cannot be opened, or has not the frames that are asked for.
        """

    @abc.abstractmethod
    def write_inputs(
        self,
        videos: Sequence[VideoInput],
        names: Sequence[str],
        folder: Path,
        to_cluster: Callable[[str], PurePosixPath],
    ) -> None:
        """Write what stands for a video on the cluster, where it has a name in `names`.

        Called on the *files lane*, with the job's folder.

        Raises
        ------
        NotOnMount, PackageProblem
            The cluster does not see the video; the disk would not take the file.
        """

    # -- results ----------------------------------------------------------------------

    @abc.abstractmethod
    def offer_models(self, runs: Sequence[Path]) -> Any:
        """Open SLEAP's inference dialog with these runs as its trained models.

        Raises
        ------
        ProjectNotReady
            As `open_dialog`.
        ResultsMissing
            A run has no config or no weights that this SLEAP can use.
        """

    @abc.abstractmethod
    def add_models(self, dialog: Any, runs: Sequence[Path]) -> None:
        """List these runs in SLEAP's training or inference dialog.

        What the user has chosen and typed there stays.

        Raises
        ------
        ResultsMissing
            A run has no config that this SLEAP can use.
        """

    @abc.abstractmethod
    def read_metrics(self, runs: Sequence[Path]) -> Any:
        """What `show_metrics` shows of each run (*files lane*).

        Raises
        ------
        ResultsDamaged
            A metrics file cannot be read, or holds something other than numbers.
        """

    @abc.abstractmethod
    def show_metrics(self, runs: Sequence[Path], metrics: Any) -> Any:
        """Open SLEAP's metrics window on these runs, and return it."""

    @abc.abstractmethod
    def count_predictions(self, path: Path) -> int:
        """How many instances a predictions file has (*files lane*).

        Raises
        ------
        ResultsDamaged
            It is none of SLEAP's files.
        """

    @abc.abstractmethod
    def read_predictions(
        self,
        path: Path,
        videos: Sequence[Meant],
        cluster_path: Optional[Callable[[str], str]] = None,
    ) -> Any:
        """Read a predictions file (*files lane*); the answer has a count, `instances`.

        Parameters
        ----------
        videos : sequence of Meant
            For each video in the file, in order: how it stood in the project when the
            job was submitted.
        cluster_path : callable, optional
            The cluster's spelling of a local path, or empty. It tells which video is
            meant where the project spells its path in another way by now, or where
            the video lies inside a package.

        Raises
        ------
        ResultsDamaged
            It is truncated, no predictions file, or of another skeleton.
        OtherProject
            The open project does not have its video.
        """

    @abc.abstractmethod
    def preview_predictions(self, loaded: Sequence[Any]) -> LoadPreview:
        """What `merging` would change, as the project is now (*files lane*).

        Raises as it does.
        """

    @abc.abstractmethod
    def merging(
        self, loaded: Sequence[Any], mode: LoadMode
    ) -> Generator[Tuple[int, int], None, MergeSummary]:
        """Put predictions into the open project, a slice of work at a time.

        Gives (done, total) between two slices, and the summary at the end. The
        project is changed in one step, in the slice that comes to the total; until
        then it is as it was, and may be edited, saved and closed. User labels stay
        as they are. Saves nothing.

        Raises
        ------
        ResultsDamaged
            The project has changed so that they do not fit any more.
        """

    @abc.abstractmethod
    def merge_predictions(self, loaded: Any) -> MergeSummary:
        """All of `merging` at once, of one file; its frames' predictions go."""

    @property
    @abc.abstractmethod
    def can_undo(self) -> bool:
        """Whether there is a load into the open project to be taken back."""

    @abc.abstractmethod
    def undo_merge(self) -> int:
        """Take the last load back; called again, the one before.

        What the user did since then stays.

        Returns
        -------
        int
            Frames that were left as they are: they have predictions of a later date.

        Raises
        ------
        RemoteError
            There is none to take back.
        """

    @abc.abstractmethod
    def read_as_project(
        self, files: Sequence[Tuple[Path, str]], local_path: Callable[[str], str]
    ) -> Any:
        """Read predictions as a project of their own (*files lane*).

        Parameters
        ----------
        files : sequence of (Path, str)
            Each file, of one video, and where that was when the job was submitted.
        local_path : callable
            This computer's spelling of a cluster's path, or empty: for a video that
            is not there (any more).

        Raises
        ------
        ResultsMissing, ResultsDamaged
            A file or a video is not there; SLEAP cannot read it.
        """

    @abc.abstractmethod
    def open_as_project(self, project: Any) -> Any:
        """Show it, unsaved and without a name, in a window of its own.

        In this window where no project is open in it, as SLEAP does.
        """
