"""What is wrong with one field of a request, in a sentence."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """
    Attributes
    ----------
    field : str
        That of `Resources`.
    text : str
        A sentence.
    """

    field: str
    text: str
