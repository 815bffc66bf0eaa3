"""One connection to a mail server: opened over TLS with its certificate verified, signed in, and one mail at a time handed over it."""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from shared.connectors.smtp.replies import SOURCE, after_the_dot, before_the_end, refused
from shared.domain.stamping import Envelope
from shared.domain.ways import SmtpServer
from shared.ports.errors import Permanent, ReconnectNeeded, SalesAgentError

T = TypeVar("T")
LINE_END = re.compile(rb"\r\n|\r|\n")
GO_ON = 354
KNOWN_WAYS = frozenset({"PLAIN", "LOGIN", "CRAM-MD5"})


@dataclass(frozen=True)
class Patience:
    """Seconds: to connect, for an answer before the last dot, and for the one after it, in which a server may look at the whole mail."""

    connect_s: float
    answer_s: float
    taking_s: float


@dataclass(frozen=True)
class Account:
    """A server, whom we are there, and the password as it is now."""

    server: SmtpServer
    greets_as: str
    password: str


class Connection:
    """`hand_over` may be called again and again, after `is_alive` has said so."""

    def __init__(self, account: Account, *, tls: ssl.SSLContext, patience: Patience) -> None:
        self._patience = patience
        self._smtp = before_the_end(lambda: _greeted(account, tls, patience), what="our greeting")
        try:
            self._secure(account, tls)
            _sign_in(self._smtp, account)
        except SalesAgentError:
            self.close()
            raise

    def is_alive(self) -> bool:
        """Whether it still listens, with nothing begun."""
        try:
            return bool(self._smtp.rset()[0] == 250)
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        self._smtp.close()

    def __del__(self) -> None:
        """Whoever forgets one, with its pool, does not keep a server waiting."""
        if hasattr(self, "_smtp"):
            self.close()

    def hand_over(self, envelope: Envelope, raw: bytes) -> str:
        """The server's own words when it has taken the mail for every recipient; the families of errors when it has not, or may have."""
        content = LINE_END.sub(b"\r\n", raw)
        self._announce(envelope, content)
        stuffed = re.sub(rb"(?m)^\.", b"..", content)
        before_the_end(lambda: self._smtp.send(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"), what="the mail itself")
        return self._ended()

    def _announce(self, envelope: Envelope, content: bytes) -> None:
        """One recipient who is refused, and nobody gets it: what was approved was approved for all of them."""
        options = self._options(envelope, content)
        self._agreed("the sender", lambda: self._smtp.mail(envelope.sender, options))
        for one in envelope.recipients:
            self._agreed("a recipient", lambda one=one: self._smtp.rcpt(one))  # type: ignore[misc]
        self._agreed("to take a mail now", lambda: self._smtp.docmd("DATA"), GO_ON)

    def _agreed(self, what: str, ask: Callable[[], tuple[int, bytes]], *codes: int) -> None:
        code, text = before_the_end(ask, what=what)
        if code not in (codes or (250, 251)):
            raise refused(code, text, what=what)

    def _ended(self) -> str:
        """The dot is sent by itself: what breaks before it has certainly not left."""
        before_the_end(lambda: self._set_timeout(self._patience.taking_s), what="the mail itself")
        code, text = after_the_dot(self._dotted)
        if 400 <= code < 600:
            raise refused(code, text, what="the mail")
        with suppress(OSError):  # the mail is theirs; whether the connection still serves is asked before the next one
            self._set_timeout(self._patience.answer_s)
        return text.decode("utf-8", "replace")[:200]

    def _dotted(self) -> tuple[int, bytes]:
        self._smtp.send(b".\r\n")
        code, text = self._smtp.getreply()
        if code not in range(200, 300) and code not in range(400, 600):
            raise ValueError("no answer of SMTP's")
        return code, text

    def _options(self, envelope: Envelope, content: bytes) -> list[str]:
        """Permanent when the server cannot carry this very mail: its bytes are never changed for it."""
        options = [f"SIZE={len(content)}"] if self._smtp.has_extn("size") else []
        largest = str(self._smtp.esmtp_features.get("size", ""))
        if largest.isdigit() and 0 < int(largest) < len(content):
            raise Permanent(f"the mail has {len(content)} bytes and the mail server takes {largest}", source=SOURCE)
        if not content.isascii():
            options.append(self._offered("8bitmime", "BODY=8BITMIME", "a mail of eight-bit characters"))
        if not all(one.isascii() for one in (envelope.sender, *envelope.recipients)):
            options.append(self._offered("smtputf8", "SMTPUTF8", "an address beyond ASCII"))
        return options

    def _offered(self, extension: str, option: str, needed_for: str) -> str:
        if not self._smtp.has_extn(extension):
            raise Permanent(f"the mail server does not offer {extension.upper()}, which {needed_for} needs", source=SOURCE)
        return option

    def _set_timeout(self, seconds: float) -> None:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("closed")
        self._smtp.sock.settimeout(seconds)

    def _secure(self, account: Account, tls: ssl.SSLContext) -> None:
        """Nothing is ever said in the clear: neither who we are nor what we write."""
        before_the_end(lambda: self._set_timeout(self._patience.answer_s), what="our greeting")
        self._agreed("our greeting", lambda: self._smtp.ehlo(account.greets_as))
        if account.server.implicit_tls:
            return
        if not self._smtp.has_extn("starttls"):
            raise ReconnectNeeded("the mail server does not offer STARTTLS: nothing is sent to it in the clear", source=SOURCE)
        self._agreed("STARTTLS", lambda: _certified(lambda: self._smtp.starttls(context=tls)), 220)
        self._agreed("our greeting", lambda: self._smtp.ehlo(account.greets_as))


def _greeted(account: Account, tls: ssl.SSLContext, patience: Patience) -> smtplib.SMTP:
    host, port, name, patient = account.server.host, account.server.port, account.greets_as, patience.connect_s
    if account.server.implicit_tls:
        return _certified(lambda: smtplib.SMTP_SSL(host, port, name, timeout=patient, context=tls))
    return smtplib.SMTP(host, port, name, timeout=patient)


def _certified(action: Callable[[], T]) -> T:
    try:
        return action()
    except ssl.SSLCertVerificationError as error:
        told = f"the mail server's certificate is not to be trusted: {error.verify_message}"
        raise ReconnectNeeded(told, source=SOURCE) from None


def _sign_in(smtp: smtplib.SMTP, account: Account) -> None:
    if not account.server.username:
        return
    if not KNOWN_WAYS & set(smtp.esmtp_features.get("auth", "").split()):
        raise ReconnectNeeded(f"the mail server knows none of our ways of signing in: {', '.join(sorted(KNOWN_WAYS))}", source=SOURCE)
    if not account.password.isascii():
        raise ReconnectNeeded("the password for the mail server has characters that no server can be told", source=SOURCE)
    try:
        before_the_end(lambda: smtp.login(account.server.username, account.password), what="our signing in")
    except Permanent as error:
        raise ReconnectNeeded(error.detail, source=SOURCE, raw=error.raw) from None
