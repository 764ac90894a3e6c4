"""Sends e-mails to a mail server: encrypted, to a server whose certificate is valid, or not at all."""

from __future__ import annotations

import ssl
from email.message import EmailMessage
from typing import Final

import aiosmtplib

from formengine.service.mail.outbox import UndeliveredError
from formengine.service.settings import Settings

_TIMEOUT_S: Final = 30


class SmtpTransport:
    """A mail server, as the settings `smtp_…` and `mail_from` name it; each e-mail is a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        cafile = str(settings.smtp_ca_file) if settings.smtp_ca_file is not None else None
        self._tls = ssl.create_default_context(cafile=cafile)

    async def send(self, message: EmailMessage) -> None:
        """Send the message; returns when the server has accepted it. Raises `UndeliveredError`."""
        at_once = self._settings.smtp_security == "tls"
        try:
            await aiosmtplib.send(
                message,
                sender=self._settings.mail_from,
                hostname=self._settings.smtp_host,
                port=self._settings.smtp_port,
                username=self._settings.smtp_user or None,
                password=self._settings.smtp_password or None,
                use_tls=at_once,
                start_tls=not at_once,
                tls_context=self._tls,
                timeout=_TIMEOUT_S,
                # The machine's own name may take the resolver long to find.
                local_hostname=self._settings.mail_from.rpartition("@")[2],
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _undelivered(error) from None


def _undelivered(error: Exception) -> UndeliveredError:
    """Why an e-mail was not accepted, by the error's type and the server's number, never by its text."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        code = max(each.code for each in error.recipients)
        return UndeliveredError(f"recipient_{code}", for_good=code >= 500)
    if isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        kind = "recipient" if isinstance(error, aiosmtplib.SMTPRecipientRefused) else "data"
        return UndeliveredError(f"{kind}_{error.code}", for_good=error.code >= 500)
    # Other refusals (the login, the sender) are a matter of configuration, which can be corrected.
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return UndeliveredError(f"server_{error.code}")
    if isinstance(error, TimeoutError):
        return UndeliveredError("timeout")
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__ or error.__context__, ssl.SSLError):
        return UndeliveredError("certificate")
    if isinstance(error, aiosmtplib.SMTPServerDisconnected):
        return UndeliveredError("disconnected")
    if isinstance(error, ConnectionError | OSError):
        return UndeliveredError("unreachable")
    return UndeliveredError("refused_tls" if "TLS" in str(error) else "protocol")
