"""For trying the service out: where to begin, and the e-mails that would have been sent. Not there otherwise."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.form.plan import Form
from formengine.service.accounts.demo_account import (
    APPROVER_EMAIL,
    AUTHOR_EMAIL,
    EMAIL,
    STAFF_EMAIL,
    DemoAccount,
    demo_accounts,
)
from formengine.service.desk.demo_cases import begin_cases
from formengine.service.mail.outbox import DemoMailbox
from formengine.web.addresses import PATHS
from formengine.web.browser_session import root_of
from formengine.web.context import AppContext
from formengine.web.http.threads import in_thread

MAILBOX = "/demo/mailbox"
_CODE = re.compile(r"\b[0-9]{6}\b")
_SHOWN = 50


class Shown(NamedTuple):
    """An e-mail as the page shows it. code: the figures in it that somebody waits for, "" for none."""

    to: str
    subject: str
    text: str
    at: str
    code: str


def routes(context: AppContext) -> list[BaseRoute]:
    """The addresses of the demonstration; none when this is no demonstration."""
    mailbox = context.mailbox
    if mailbox is None:
        return []

    async def demo(request: Request) -> Response:
        forms = [
            (form.title, f"{root_of(request)}/forms/{form.id}") for form in await in_thread(_forms, context)
        ]
        return context.page(
            request,
            "demo/demo.html",
            title=context.words.text("screens.demo.title"),
            forms=forms,
            email=EMAIL,
            author=AUTHOR_EMAIL,
            approver=APPROVER_EMAIL,
            staff=STAFF_EMAIL,
            desk=root_of(request) + PATHS["desk"],
            mailbox=root_of(request) + MAILBOX,
        )

    async def letters(request: Request) -> Response:
        return context.page(
            request,
            "demo/mailbox.html",
            title=context.words.text("screens.demo.mailbox"),
            letters=await in_thread(_letters, context, mailbox),
        )

    return [Route("/demo", demo), Route(MAILBOX, letters)]


def begin_demo(context: AppContext) -> tuple[DemoAccount, ...]:
    """The accounts of the demonstration, made at its first start with some invented cases."""
    accounts = demo_accounts(context.service, context.passwords)
    begin_cases(context.service, context.drafts, context.submissions, context.cases.processes)
    return accounts


def _forms(context: AppContext) -> list[Form]:
    forms = context.drafts.forms
    return [form for form_id in forms.ids() if (form := forms.current(form_id)) is not None]


def _letters(context: AppContext, mailbox: DemoMailbox) -> list[Shown]:
    zone = context.service.zone
    shown = []
    every = [*mailbox.newest(_SHOWN), *context.delivery_letters.newest(_SHOWN)]
    for letter in sorted(every, key=attrgetter("created_at"), reverse=True)[:_SHOWN]:
        code = _CODE.search(letter.email.text)
        at = letter.created_at.astimezone(zone).strftime("%H:%M:%S, %d %B %Y")
        shown.append(Shown(letter.to, letter.email.subject, letter.email.text, at, code[0] if code else ""))
    return shown
