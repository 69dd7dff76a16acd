"""What people read, in their language where there is a catalogue for it.

The code has English sentences, marked by `tr`; logs, what a program or a file says,
and names are not marked. A catalogue is gettext's:
``resources/locale/LANG/LC_MESSAGES/sleap_remote_plugin.mo``. The language is the
system's, as gettext finds it (``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES``, ``LANG``),
and the same until the program ends.
"""

from __future__ import annotations

import gettext

from sleap_remote_plugin.shipped import shipped

_catalogue = gettext.translation(
    "sleap_remote_plugin", str(shipped("locale")), fallback=True
)


def tr(text: str) -> str:
    """A text of this program in the user's language; where unknown there, as it is.

    Parameters
    ----------
    text : str
        Written out where `tr` is called, with ``{}`` for what is put in afterwards:
        that is how a catalogue's text is found.
    """
    return _catalogue.gettext(text)


def counted(count: int, noun: str) -> str:
    """``1 frame``, ``1,200 frames``; the noun in its singular, in English.

    A catalogue has both under the singular, with the plural that ends in ``s``.
    """
    return "{:,} {}".format(count, _catalogue.ngettext(noun, noun + "s", count))
