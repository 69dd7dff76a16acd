"""What can go wrong: one class for each thing that the user can do about it.

``str(error)`` is text for a message box: what happened, what is safe, what to do
next. ``error.detail`` is what the log keeps beside it (a program's own words, never
a secret).
"""

from __future__ import annotations

from typing import Sequence, Tuple


class RemoteError(Exception):
    """Base of every error that reaches the user.

    Parameters
    ----------
    message : str
        Sentences for the user.
    detail : str
        A program's own words, for the log and the *Details* of the message box.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class Cancelled(RemoteError):
    """The user stopped it; nothing to do."""


# -- connection ------------------------------------------------------------------


class ConnectionFailed(RemoteError):
    """No connection, or it was lost: check the network or VPN, try again.

    Parameters
    ----------
    sent : bool
        Whether the command may have reached the cluster.
    """

    def __init__(self, message: str, detail: str = "", sent: bool = False) -> None:
        super().__init__(message, detail)
        self.sent = sent


class ConnectionClosed(ConnectionFailed):
    """It was closed from this side (*Cancel*, signing out): nothing to do."""


class ShellTrouble(RemoteError):
    """The shell on the cluster does not do what it is told: mend its start-up files.

    Parameters
    ----------
    sent : bool
        Whether the command may have run all the same.
    """

    def __init__(self, message: str, detail: str = "", sent: bool = False) -> None:
        super().__init__(message, detail)
        self.sent = sent


class SignInNeeded(RemoteError):
    """A secret is missing: ask the user and make the call again.

    Parameters
    ----------
    user, host : str
        Whom to ask for, and the hop that asks.
    prompts : sequence of (str, bool)
        The server's own prompts and whether the answer may be shown (keyboard-
        interactive); empty for a plain password.
    password_prompt : str
        That of the prompts which is for the account's password; empty: none.
    key_file : str
        The key whose passphrase is asked for; empty: none.
    or_password : bool
        Whether the password would do instead of that passphrase.
    is_confirmation : bool
        Nothing to type: the user has to confirm the sign-in elsewhere.

    Attributes
    ----------
    keyring_problem : str
        Why nothing can be kept in this computer's keyring; empty: it can.
    """

    def __init__(
        self,
        message: str,
        user: str = "",
        host: str = "",
        prompts: Sequence[tuple] = (),
        detail: str = "",
        password_prompt: str = "",
        key_file: str = "",
        or_password: bool = False,
        is_confirmation: bool = False,
    ) -> None:
        super().__init__(message, detail)
        self.user = user
        self.host = host
        self.prompts = tuple(prompts)
        self.password_prompt = password_prompt
        self.key_file = key_file
        self.or_password = or_password
        self.is_confirmation = is_confirmation
        self.keyring_problem = ""


class SignInRefused(SignInNeeded):
    """The secret was wrong: it is forgotten, and asked for once more by the user."""


class HostKeyUnknown(RemoteError):
    """A host that was never seen: show its fingerprint, ask, then trust it.

    Parameters
    ----------
    host : str
        Name as known_hosts files it: ``name``, ``[name]:port``, or our own for a
        host behind others.
    shown : str
        The host as the user knows it.
    key_type, fingerprint, key : str
        ``ssh-ed25519``, ``SHA256:...``, and the public key in base64.
    warning : str
        What makes it look odd; empty where nothing does.
    """

    def __init__(
        self,
        message: str,
        host: str,
        key_type: str,
        fingerprint: str,
        key: str,
        shown: str = "",
        warning: str = "",
    ) -> None:
        super().__init__(message)
        self.warning = warning
        self.host = host
        self.shown = shown or host
        self.key_type = key_type
        self.fingerprint = fingerprint
        self.key = key


class HostKeyChanged(RemoteError):
    """A host shows another key than the pinned one: stop, ask the cluster's people."""


class CommandTimedOut(ConnectionFailed):
    """A command gave no answer in its time; what it did is not known."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message, detail, sent=True)


# -- the cluster -----------------------------------------------------------------


class ProfileError(RemoteError):
    """A cluster profile is missing or wrong: edit the named line.

    `line` and `what` are the line's number and what is wrong there, where it is known.
    """

    def __init__(
        self, message: str, detail: str = "", *, line: int = 0, what: str = ""
    ) -> None:
        super().__init__(message, detail)
        self.line = line
        self.what = what or message


class ClusterBusy(RemoteError):
    """SLURM does not answer just now: nothing is lost, it is asked again."""


class RequestNotAllowed(RemoteError):
    """The cluster's profile does not allow what was asked for: ask for something else.

    Nothing was sent.
    """


class SubmissionRefused(RemoteError):
    """SLURM said no, in its own words: change the request and submit again."""


class SubmissionUnconfirmed(RemoteError):
    """It is not known whether SLURM took the job: it is looked for, not sent again."""


class AlreadySubmitted(RemoteError):
    """The folder has a job, or is being submitted: look at that one."""


class AlreadyEnded(RemoteError):
    """The job had ended before it was cancelled; nothing is to be done."""


class NotYours(RemoteError):
    """Somebody else's job: it can be looked at only."""


class ModuleMissing(RemoteError):
    """The cluster has no SLEAP module that fits: choose another or install it."""


# -- files -----------------------------------------------------------------------


class NotOnMount(RemoteError):
    """Files are where the cluster cannot see them: move or copy them onto a mount.

    Parameters
    ----------
    paths : sequence of str
        All of them, as this machine spells them; empty: it is the mount of a
        cluster's folder that is missing here.
    tried : sequence of (str, str)
        The mounts that hold none of them: the folder here, and the cluster's.
    about : sequence of str
        What each of the paths is to the job: ``video 2``.
    why : str
        What the cluster sees instead, in a sentence.
    """

    def __init__(
        self,
        message: str,
        detail: str = "",
        paths: Sequence[str] = (),
        tried: Sequence[Tuple[str, str]] = (),
        about: Sequence[str] = (),
        why: str = "",
    ) -> None:
        super().__init__(message, detail)
        self.paths = tuple(paths)
        self.about = tuple(about)
        self.tried = tuple(tried)
        self.why = why


class CopyStopped(RemoteError):
    """A copy to the cluster's disk ended early: mend it, start again, it goes on."""


class NoRoom(CopyStopped):
    """The disk has no room for what is to be copied: make some, or choose another."""


class SourceChanged(CopyStopped):
    """A file changed while it was copied: copy it when nobody writes to it."""


class MountNotProven(RemoteError):
    """The two sides do not see the same disk: check the mount."""


class NothingWritable(MountNotProven):
    """The disk has no folder to write to: make one, or ask for one."""


class PackageProblem(RemoteError):
    """The training package could not be written or read: export it again."""


class ResultsMissing(RemoteError):
    """Models or predictions are not there: read the job's log, run it again."""


class ResultsDamaged(RemoteError):
    """A result file cannot be read or belongs elsewhere: nothing was loaded."""


class OtherProject(ResultsDamaged):
    """Predictions of another project: open that one, or look at them on their own."""


class RoundNotBegun(RemoteError):
    """The next round's file could not be written: the project is as it was."""


class StoreProblem(RemoteError):
    """The list of jobs cannot be read or written."""


# -- the project -----------------------------------------------------------------


class ProjectNotReady(RemoteError):
    """The open project cannot be sent as it is: save it, label it, or move it."""
