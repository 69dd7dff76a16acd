"""``sleap-remote label``: SLEAP's own window, with our menu and dock in it.

SLEAP 1.6 starts its process anew while it is imported, by running ``sys.argv``
again. So this must be reached from a console script, with ``sys.argv`` untouched:
the script is then simply run twice, and the second run gets here again.
"""

from __future__ import annotations

import sys
from typing import List, Optional


def main(argv: Optional[List[str]] = None) -> int:
    """Start SLEAP with the plugin.

    Parameters
    ----------
    argv : list of str, optional
        What follows ``sleap-remote label``: a project, and SLEAP's own options.

    Returns
    -------
    int
        Exit code; 1 if there is no SLEAP in this environment.
    """
    arguments = list(sys.argv[2:] if argv is None else argv)
    try:
        import sleap.gui.app as app
    except ImportError as error:
        print(_why_not(error), file=sys.stderr)
        return 1
    from sleap_remote_plugin.sleap_host.attach import patch

    patch(app)
    app.main(arguments)
    return 0


def _why_not(error: ImportError) -> str:
    if (error.name or "").split(".")[0] == "sleap":
        return (
            "SLEAP is not installed in this environment ({}). Install the plugin into "
            "the environment that SLEAP is in, then run this again.".format(sys.prefix)
        )
    return "SLEAP is installed here but does not start: {}.".format(error)
