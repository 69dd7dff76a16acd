"""A sign-in while the keyring is in trouble, as a process of its own.

``python -m tests.cluster.keyring_cycle MEND``: in a home of its own; the practice
cluster's facts come on stdin, what came of it goes to stdout. MEND is a line of shell
that puts the keyring right, or empty. Looked at by test_bad_keyrings.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sleap_remote_plugin.errors import HostKeyUnknown, SignInNeeded
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.session.opening import open_session
from sleap_remote_plugin.session.session import Session

#: Seconds that a keyring may take here; a person who unlocks it gets more.
DEADLINE = 5.0


def sign_in(session: Session, password):
    """Connect as a user who wants the password kept; what was said of that."""
    told = []
    while True:
        try:
            session.connect()
            return told
        except HostKeyUnknown as error:
            session.trust_host(error)
        except SignInNeeded as error:
            if len(told) > 1:
                raise
            told.append(session.give_password(error, password, keep=True))


def main(mend):
    given = json.load(sys.stdin)
    session = open_session(load_profile(Path(given["profile"])))
    session.credentials._keyring._deadline = DEADLINE
    told = sign_in(session, given["password"])
    first = session.transport.run(["whoami"]).stdout.strip()
    session.disconnect()
    # Known for this session: nobody is asked a second time.
    again = sign_in(session, "never asked")
    mended = None
    if mend:
        subprocess.run(["bash", "-c", mend], check=True, stdout=subprocess.DEVNULL)
        session.ask_anew()
        mended = sign_in(session, given["password"])
    answer = {"told": told, "user": first, "again": again, "mended": mended}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
