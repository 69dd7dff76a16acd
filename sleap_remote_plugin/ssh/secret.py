"""Text that nobody may see: its repr, and so every traceback, hides it.

Where secrets are kept is in credentials.py.
"""

from __future__ import annotations

from typing import Any


class Secret(str):
    """A password, a passphrase or a one-time code.

    It is a `str` for the libraries that need one; it hides from debuggers, logs of
    local variables and pickles.
    """

    def __repr__(self) -> str:
        return "Secret()"

    def __format__(self, spec: str) -> str:
        return "Secret()"

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("A secret is never pickled or copied.")
