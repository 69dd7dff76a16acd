"""How one generation's labels are made in bulk and changed: the contract.

`legacy_objects` and `current_objects` keep it; `merge` and `undo` use it.
"""

from __future__ import annotations

import abc
from typing import Any, List, Set


class Objects(abc.ABC):
    """How one generation's labels are made and changed."""

    @abc.abstractmethod
    def is_predicted(self, instance: Any) -> bool: ...

    @abc.abstractmethod
    def new_frame(self, video: Any, frame: int, instances: List[Any]) -> Any: ...

    @abc.abstractmethod
    def new_track(self, spawned_on: int, name: str) -> Any: ...

    @abc.abstractmethod
    def new_instances(
        self, points: Any, scores: Any, tracking: Any, tracks: List[Any], skeleton: Any
    ) -> List[Any]:
        """Predicted instances; `points` is a row of `tables.POINT` for each."""

    @abc.abstractmethod
    def join(self, frame: Any, instances: List[Any]) -> None:
        """Tell instances which frame they are of."""

    @abc.abstractmethod
    def put(self, frame: Any, instances: List[Any]) -> None:
        """Give a frame its instances, which know that they are of it."""

    @abc.abstractmethod
    def same_place(self, one: Any, other: Any) -> bool:
        """Whether two instances have the same points, to the last bit."""

    @abc.abstractmethod
    def has_more(self, frame: Any) -> bool:
        """Whether a frame without instances is still of use."""

    def tied(self, labels: Any) -> Set[int]:
        """Ids of instances and frames that the project needs elsewhere, too."""
        return set()

    @abc.abstractmethod
    def fit_to_skeleton(self, instance: Any) -> None:
        """Nodes may have come or gone while the instance was out of the project."""

    @abc.abstractmethod
    def refresh(self, labels: Any) -> None:
        """Labelled frames were changed in place."""
