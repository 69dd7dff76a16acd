"""What a user can do about a job that did not end well, with one button.

Which cause has which deed is causes.py's; what is asked for then, another_try.py's.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple, Tuple

from sleap_remote_plugin.words import tr


class Deed(enum.Enum):
    """A remedy that a button can carry out, or begin."""

    AGAIN = "again"
    MORE_MEMORY = "more_memory"
    MORE_TIME = "more_time"
    WITHOUT_NODE = "without_node"
    SMALLER_BATCH = "smaller_batch"
    OTHER_MODULE = "other_module"
    SHOW_LOG = "show_log"
    OPEN_FOLDER = "open_folder"
    SIGN_IN = "sign_in"
    CHECK = "check"

    @property
    def submits(self) -> bool:
        """Whether it opens *Submit again*."""
        return self in _SUBMITS


_SUBMITS = (
    Deed.AGAIN,
    Deed.MORE_MEMORY,
    Deed.MORE_TIME,
    Deed.WITHOUT_NODE,
    Deed.SMALLER_BATCH,
    Deed.OTHER_MODULE,
)

#: Those whose text does not depend on the job.
TEXTS = {
    Deed.AGAIN: tr("Submit again..."),
    Deed.OTHER_MODULE: tr("Choose another module..."),
    Deed.SHOW_LOG: tr("Show log"),
    Deed.OPEN_FOLDER: tr("Open folder"),
    Deed.SIGN_IN: tr("Connect"),
    Deed.CHECK: tr("Check connection..."),
}


class Batch(NamedTuple):
    """The batch size of one model: as it was, and as it shall be.

    Attributes
    ----------
    title : str
        The model's head; empty for a prediction.
    """

    title: str
    before: int
    after: int


@dataclass(frozen=True)
class Offer:
    """A deed as it is offered for one job.

    Attributes
    ----------
    text : str
        The button's.
    batches : tuple of Batch
        What SMALLER_BATCH changes.
    """

    deed: Deed
    text: str
    batches: Tuple[Batch, ...] = ()
