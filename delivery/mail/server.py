"""Talking to an SMTP server: what it refuses is told apart from what nobody can know."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from cspbill.book import Mail
from cspbill.errors import CspbillError
from extractors.connections import airflow_connection
from extractors.names import shown

TIMEOUT = 60  # seconds, of one answer


class RefusedError(CspbillError):
    """The server said no before it took the message: it can be sent again."""


@contextmanager
def connected(mail: Mail) -> Iterator[smtplib.SMTP]:
    """Connect, verify who the server is, and log in; raises CspbillError with what to do."""
    where = f"mail: {mail.smtp_host}:{mail.smtp_port}"
    try:
        server = _connect(mail)
    except ssl.SSLCertVerificationError as error:
        reason = shown(error.verify_message)
        raise CspbillError(
            f"{where}: its certificate is not trusted ({reason}); name its authority as ca_file"
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise CspbillError(
            f"{where}: does not offer STARTTLS or login; set security, or another port"
        ) from None
    except smtplib.SMTPAuthenticationError as error:
        raise CspbillError(
            f"{where}: refused the login of connection {mail.connection}: {_said(error)}"
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise CspbillError(f"{where}: cannot be reached: {shown(str(error))}") from None
    try:
        yield server
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def _connect(mail: Mail) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if mail.ca_file:
        context.load_verify_locations(mail.ca_file)
    server: smtplib.SMTP
    if mail.security == "tls":
        server = smtplib.SMTP_SSL(mail.smtp_host, mail.smtp_port, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(mail.smtp_host, mail.smtp_port, timeout=TIMEOUT)
    try:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.connection:
            access = airflow_connection(mail.connection)
            server.login(access.login, access.password)
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def offer(server: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
    """Name sender and recipients; raises RefusedError when the server takes one of them not."""
    try:
        _accepted(server, sender, *server.mail(sender))
        for recipient in recipients:
            _accepted(server, recipient, *server.rcpt(recipient))
    except (OSError, smtplib.SMTPException) as error:
        raise RefusedError(f"the server was lost: {shown(str(error))}") from None


def hand_over(server: smtplib.SMTP, content: bytes) -> None:
    """Send the message itself; raises RefusedError when the server says no, and smtplib's errors or OSError when it
    says nothing: then nobody knows whether it took it.
    """
    try:
        code, reply = server.data(content)
    except smtplib.SMTPDataError as error:
        raise RefusedError(_said(error)) from None
    _accepted(server, "the message", code, reply)


def _accepted(server: smtplib.SMTP, what: str, code: int, reply: bytes) -> None:
    if code // 100 != 2:
        with suppress(OSError, smtplib.SMTPException):
            server.rset()
        raise RefusedError(f"{what}: {code} {shown(reply.decode('utf-8', 'replace'))}")


def _said(error: smtplib.SMTPResponseException) -> str:
    reply = error.smtp_error
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{error.smtp_code} {shown(text)}"
