"""Signs in to the hops: agent, key files, then a password or the server's questions.

Nothing that a server may count is tried twice: a wrong password is tried once and
forgotten, since accounts lock; a one-time code is used once. What the user has to give
is raised, before anything is sent where that can be known. One server's steps are in
attempt.py, the sentences in refusals.py.
"""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import SignInNeeded
from sleap_remote_plugin.ssh import failures, refusals
from sleap_remote_plugin.ssh.attempt import Attempt, listed
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.keys import LockedKey, OfferedKeys
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.ssh.questions import (
    Prompt,
    Questions,
    Unanswered,
    wants_change,
)
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.words import tr

_MOST_STEPS = 6


class SignIn:
    """One sign-in, over all hops of a connect.

    Parameters
    ----------
    credentials : Credentials
    """

    def __init__(
        self, credentials: Credentials, deadlines: Deadlines, log: ConnectionLog
    ) -> None:
        self._credentials = credentials
        self._deadlines = deadlines
        self._log = log
        self._accepted: List[Tuple[str, Secret]] = []

    def __call__(self, transport: Any, hop: Hop) -> None:
        """Sign in to `hop` over its transport, whose host key was checked.

        Raises
        ------
        SignInNeeded, SignInRefused, ConnectionFailed
        """
        transport.auth_timeout = self._deadlines.sign_in
        attempt = Attempt(transport, hop, self._log)
        try:
            self._sign_in(attempt)
        except SignInNeeded as error:
            error.keyring_problem = self._credentials.keyring_problem
            raise
        if wants_change(" ".join(attempt.said())):
            raise refusals.must_change(hop)

    def _sign_in(self, attempt: Attempt) -> None:
        if attempt.without_anything():
            return
        if "publickey" in attempt.allowed:
            with OfferedKeys(
                attempt.hop, self._deadlines.probe, self._log, self._credentials
            ) as keys:
                if self._with_keys(attempt, keys):
                    return
                locked = keys.locked
            if not attempt.key_taken:
                self._ask_for_passphrase(attempt, locked)
        for _ in range(_MOST_STEPS):
            if self._with_secret(attempt):
                return
        raise self._no_way_in(attempt)

    # -- keys -------------------------------------------------------------------------

    def _with_keys(self, attempt: Attempt, keys: OfferedKeys) -> bool:
        for number, (name, key) in enumerate(keys.found):
            if attempt.keys_left <= 0:
                left = tr("{} more keys were not offered").format(
                    len(keys.found) - number
                )
                self._log.add(attempt.hop.label, left)
                break
            done = attempt.with_key(name, key)
            if done is not None:
                return done
        return False

    def _ask_for_passphrase(self, attempt: Attempt, locked: List[LockedKey]) -> None:
        """Ask for a locked key's passphrase if the server takes that key.

        A password that is known already spares the user the question.
        """
        hop, credentials = attempt.hop, self._credentials
        method = attempt.secret_method
        if method and locked and credentials.get(hop.user, hop.label) is not None:
            self._log.add(
                hop.label, tr("locked keys are left alone: a password is known")
            )
            return
        for key in locked:
            if credentials.is_left_out(key.path) or attempt.keys_left <= 0:
                continue
            if attempt.takes_key(tr("locked key {}").format(key.path), key.blob):
                if credentials.take_wrong(key.path):
                    raise refusals.passphrase_wrong(hop, key.path, bool(method))
                raise refusals.passphrase_needed(hop, key.path, bool(method))

    # -- secrets ----------------------------------------------------------------------

    def _with_secret(self, attempt: Attempt) -> bool:
        method = attempt.secret_method
        if method is None:
            raise self._no_way_in(attempt)
        if method == "password":
            return self._with_password(attempt)
        return self._with_answers(attempt)

    def _with_password(self, attempt: Attempt) -> bool:
        hop = attempt.hop
        secret = self._credentials.get(hop.user, hop.label)
        if secret is None:
            raise refusals.password_needed(hop)
        done = attempt.with_password(secret)
        if done is None:
            self._refuse(hop, secret)
            raise refusals.password_refused(hop, attempt.said())
        self._accept(hop, secret)
        return bool(done)

    def _with_answers(self, attempt: Attempt) -> bool:
        hop, credentials = attempt.hop, self._credentials
        secret = None
        if not attempt.gave_secret:
            secret = credentials.get(hop.user, hop.label)
        answers = credentials.take_answers(hop.user, hop.label)
        expected = credentials.expected(hop.user, hop.label)
        if expected and not answers:
            # Each look at these questions may ring a telephone.
            raise self._known_to_be_asked(attempt, secret, expected)
        questions = Questions(secret, answers, (hop.user, hop.hostname, hop.label))
        try:
            done = attempt.with_answers(questions)
        except Unanswered:
            raise self._not_answered(attempt, secret, questions) from None
        if done is None and not (questions.gave_secret or questions.asked):
            return False  # it has nothing to ask: the next way
        if done is None:
            raise self._answers_refused(attempt, secret, questions)
        if secret is not None and questions.gave_secret:
            self._accept(hop, secret)
        credentials.expect(hop.user, hop.label, questions.codes)
        return bool(done)

    def _known_to_be_asked(
        self, attempt: Attempt, secret: Optional[Secret], expected: Sequence[Prompt]
    ) -> Exception:
        hop = attempt.hop
        if secret is None and not attempt.key_taken:
            prompts = refusals.with_password(expected)
            return refusals.answers_needed(hop, prompts, (), prompts[0][0])
        return refusals.answers_needed(hop, expected, (), "")

    def _not_answered(
        self, attempt: Attempt, secret: Optional[Secret], questions: Questions
    ) -> Exception:
        hop = attempt.hop
        if questions.wants_change:
            return refusals.must_change(hop)
        if questions.is_repeated:
            return self._answers_refused(attempt, secret, questions)
        if not questions.codes:
            return refusals.password_needed(hop)
        self._credentials.expect(hop.user, hop.label, questions.codes)
        return refusals.answers_needed(
            hop, questions.asked, questions.words, questions.password_prompt
        )

    def _answers_refused(
        self, attempt: Attempt, secret: Optional[Secret], questions: Questions
    ) -> Exception:
        hop, prompts = attempt.hop, questions.codes
        said = questions.words + attempt.said()
        if questions.wants_change:
            return refusals.must_change(hop)
        if questions.reason:
            return refusals.turned_away_with_password(hop, questions.reason)
        gave = secret if questions.gave_secret else None
        if not prompts and gave is not None:
            self._refuse(hop, gave)
            return refusals.password_refused(hop, said)
        doubted = gave is not None and not self._is_proven(hop, gave)
        if doubted:
            self._credentials.doubt(hop.user, hop.label)
        self._credentials.expect(hop.user, hop.label, prompts)
        return refusals.answers_refused(hop, prompts, said, doubted)

    # -- what came of it --------------------------------------------------------------

    def _accept(self, hop: Hop, secret: Secret) -> None:
        self._accepted.append((hop.user, secret))
        self._credentials.accepted(hop.user, hop.label)

    def _refuse(self, hop: Hop, secret: Secret) -> None:
        elsewhere = (hop.user, secret) in self._accepted
        self._credentials.refused(hop.user, hop.label, accepted_elsewhere=elsewhere)

    def _is_proven(self, hop: Hop, secret: Secret) -> bool:
        here = self._credentials.is_proven(hop.user, hop.label)
        return here or (hop.user, secret) in self._accepted

    def _no_way_in(self, attempt: Attempt) -> Exception:
        tried = ", ".join(attempt.tried)
        return failures.no_way_in(attempt.hop, listed(attempt.allowed), tried)
