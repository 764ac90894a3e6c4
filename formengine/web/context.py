"""The context of the app, which every page works with: one `AppContext` an app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar, cast
from urllib.parse import quote

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from formengine.engine import Engine
from formengine.language.words import Wording
from formengine.output.html.environment import check_templates
from formengine.output.html.frame import DangerCall, Site, SiteLink
from formengine.output.html.screens import Screens
from formengine.portal import Portal
from formengine.service.accounts.authentication import Authentication
from formengine.service.accounts.captcha import Captcha
from formengine.service.accounts.destinations import PageTarget
from formengine.service.accounts.passwords import Passwords
from formengine.service.accounts.profile import Profile
from formengine.service.accounts.sessions import ROLE, Sessions
from formengine.service.address_lookup import AddressBook, InventedAddresses, OsPlaces
from formengine.service.budgets import LARGE_ANSWERS_BYTES, TEXTS_CHECKED_AT_ONCE
from formengine.service.cases.cases import Cases
from formengine.service.cases.questions import Questions
from formengine.service.context import ServiceContext
from formengine.service.delivery.alarms import Alarms
from formengine.service.delivery.deliveries import (
    Deliveries,
    DeliveryLetters,
    Mailboxes,
    ShownInPlace,
)
from formengine.service.delivery.folders import Folders
from formengine.service.delivery.webhooks import Webhooks
from formengine.service.desk.claims import Claims
from formengine.service.desk.decisions import Decisions
from formengine.service.desk.queue import Desk
from formengine.service.desk.staff import StaffRoles
from formengine.service.drafts.drafts import Drafts
from formengine.service.drafts.expiry import DraftExpiry
from formengine.service.drafts.import_pdf import PdfImport, can_read_pdfs
from formengine.service.drafts.magic_links import MagicLinks
from formengine.service.files.clamd import Clamd
from formengine.service.files.refused_files import RefusedFiles
from formengine.service.files.scanning import Scanning
from formengine.service.files.uploads import Uploads
from formengine.service.mail.outbox import DemoMailbox, Letters, Postman, about_service
from formengine.service.mail.smtp import SmtpTransport
from formengine.service.processes import Processes
from formengine.service.rate_limits import RateLimits
from formengine.service.settings import Settings
from formengine.service.studio.publishing import Publishing
from formengine.service.studio.reviews import Reviews
from formengine.service.studio.working_copies import WorkingCopies
from formengine.service.submissions.exports import Exports
from formengine.service.submissions.submissions import Submissions
from formengine.web.browser_session import browser_session_of, look_again, remember, root_of
from formengine.web.http.background import Background
from formengine.web.http.metrics import Metrics
from formengine.web.http.static import Assets
from formengine.web.http.threads import in_thread, in_turn_of

# Does what waited for somebody who was let in; returns the paths, by the drafts' ids, where they go on now.
Arrival = Callable[[Request], Awaitable[Mapping[str, str]]]

T = TypeVar("T")

_SITES = 64
# The page that the frame leads somebody of a role to, as it is called in its address.
_PAGES_OF_ROLES: Final[Mapping[str, str]] = {"staff": "desk", "author": "studio", "approver": "studio"}
# A picture of 40 megapixels takes 160 MB while it is re-encoded.
_FILES_AT_ONCE = 2
# Python does one thing at a time: a second one would only take turns with the event loop as well.
_LARGE_DRAFTS_AT_ONCE = 1
# Characters that an address may have unescaped; not a backslash, which browsers take for a slash.
_IN_PATHS = "/?&=#:."


@dataclass(frozen=True)
class AppContext:
    """The parts of a running service, and what pages of every part share.

    Each part of the service has one line here and one in `make_context`.
    """

    service: ServiceContext
    engine: Engine
    portal: Portal
    settings: Settings
    assets: Assets
    screens: Screens
    words: Wording
    background: Background
    metrics: Metrics
    mailbox: DemoMailbox | None
    postman: Postman | None
    sessions: Sessions
    limits: RateLimits
    passwords: Passwords
    authentication: Authentication
    profile: Profile
    captcha: Captcha
    drafts: Drafts
    draft_expiry: DraftExpiry
    cases: Cases
    questions: Questions
    submissions: Submissions
    publishing: Publishing
    working_copies: WorkingCopies
    reviews: Reviews
    mailboxes: Mailboxes
    delivery_letters: DeliveryLetters
    deliveries: Deliveries | None
    webhooks: Webhooks | None
    folders: Folders | None
    alarms: Alarms
    staff_roles: StaffRoles
    desk: Desk
    decisions: Decisions
    claims: Claims
    magic_links: MagicLinks
    pdf_import: PdfImport | None
    uploads: Uploads
    refused_files: RefusedFiles
    files_at_once: CapacityLimiter
    scanning: Scanning
    addresses: AddressBook | None
    large_drafts_at_once: CapacityLimiter
    texts_checked_at_once: CapacityLimiter
    # Called with a post by which somebody has signed in or passed the captcha.
    arrivals: list[Arrival] = field(default_factory=list, repr=False)
    _sites: dict[tuple[str, bool, str, str], Site] = field(default_factory=dict, repr=False)

    def page(
        self, request: Request, template: str, *, title: str, status: int = 200, **values: object
    ) -> HTMLResponse:
        """The screen ``screens/<template>``. Its context always has `root`, `csrf`, `portal` and `signed_in`.

        `Screens.draw` describes what else it may have. Raises `StoreError`.
        """
        browser_session = browser_session_of(request)
        signed_in = browser_session.account is not None
        root = root_of(request)
        text = self.screens.draw(
            template,
            site=self.site(root, signed_in=signed_in, role=browser_session.fact(ROLE) if signed_in else ""),
            root=root,
            title=title,
            portal=self.portal,
            csrf=browser_session.csrf,
            signed_in=signed_in,
            **values,
        )
        return HTMLResponse(text, status)

    def go(self, request: Request, path: str) -> RedirectResponse:
        """Redirect with a GET to a path of the app, whatever a person's text in it may hold.

        Raises ValueError for a path that would lead to another host.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a path within the app is wanted")
        return RedirectResponse(root_of(request) + quote(path, safe=_IN_PATHS), 303)

    async def passed_once(self, request: Request, *, draft: str = "") -> bool:
        """Whether the person has passed the captcha, which is used up: it is good for one action, or for one draft."""
        session = browser_session_of(request).session
        if session is None or not await in_thread(self.captcha.spend, session, draft=draft):
            return False
        look_again(request)
        return True

    async def challenge(self, request: Request, then: PageTarget) -> RedirectResponse:
        """Redirect to the captcha, from where the person goes on to `then`."""
        await remember(request, **then.facts("then"))
        return self.go(request, "/human-test")

    async def beside_large(self, size_bytes: int, work: Callable[[], T]) -> T:
        """What `work` returns, on so many bytes of answers; many of them are worked on beside the event loop."""
        if size_bytes <= LARGE_ANSWERS_BYTES:
            return work()
        return await in_turn_of(self.large_drafts_at_once, work)

    async def arrived(self, request: Request) -> Mapping[str, str]:
        """Do what waited for the person who has just been let in; returns where drafts go on, paths by their ids."""
        landed: dict[str, str] = {}
        for arrival in self.arrivals:
            landed |= await arrival(request)
        return landed

    def site(self, root: str, *, signed_in: bool = True, leave: str = "", role: str = "") -> Site:
        """The site's frame around pages below `root`: the mount prefix, or a way up such as ``../..``.

        It differs between those who are signed in and others, and by their role, "" for one without pages of its own.
        leave: where "Exit this page" leads.
        """
        key = (root, signed_in, leave, role)
        site = self._sites.get(key)
        if site is None:
            if len(self._sites) >= _SITES:
                self._sites.clear()
            site = self._sites[key] = self._site(root, signed_in=signed_in, leave=leave, role=role)
        return site

    def _site(self, root: str, *, signed_in: bool, leave: str, role: str) -> Site:
        words, portal = self.words, self.portal
        links = [SiteLink(words.text("screens.frame.hub"), f"{root}/hub")]
        if role in _PAGES_OF_ROLES:
            page = _PAGES_OF_ROLES[role]
            links.append(SiteLink(words.text(f"screens.frame.{page}"), f"{root}/{page}"))
        if signed_in:
            links += [
                SiteLink(words.text("screens.frame.my_forms"), f"{root}/my-forms"),
                SiteLink(words.text("screens.frame.account"), f"{root}/account"),
                SiteLink(words.text("screens.frame.sign_out"), f"{root}/account/sign-out"),
            ]
        else:
            links.append(SiteLink(words.text("screens.frame.sign_in"), f"{root}/account/sign-in"))
        footer = [
            SiteLink(words.text("screens.frame.contacts"), f"{root}/contacts"),
            SiteLink(portal.council, portal.website),
        ]
        if not signed_in:
            # The way in for staff. Who has signed in as anybody else would find no desk behind it.
            footer.append(SiteLink(words.text("screens.frame.for_staff"), f"{root}/desk"))
        if self.mailbox is not None:
            footer.append(SiteLink(words.text("screens.demo.mailbox"), f"{root}/demo/mailbox"))
        return Site(
            name=portal.title,
            home=f"{root}/hub",
            banner=portal.banner,
            links=tuple(links),
            danger=tuple(DangerCall(each.situation, each.label, each.telephone) for each in portal.danger),
            footer=tuple(footer),
            leave=leave,
        )


def context_of(request: Request) -> AppContext:
    """The context of the app that answers the request."""
    return cast(AppContext, request.app.state.context)


def make_context(
    service: ServiceContext,
    engine: Engine,
    portal: Portal,
    settings: Settings,
    *,
    addresses: AddressBook | None = None,
) -> AppContext:
    """The context of a service, each of its parts made once. Raises OSError for certificates that cannot be read."""
    check_templates(engine.words)
    assets = Assets(themes=engine.themes)
    about = about_service(portal, settings.base_url)
    letters = Letters(service, about, engine.themes)
    sessions = Sessions(service)
    limits = RateLimits(service)
    passwords = Passwords()
    drafts = Drafts(service, engine)
    mailboxes = Mailboxes(settings)
    processes = Processes(service, engine, drafts.forms)
    cases = Cases(service, processes, settings.base_url, mailboxes.channels)
    submissions = Submissions(service, drafts, cases)
    delivery_letters = DeliveryLetters(service, mailboxes, about, engine.themes)
    working_copies = WorkingCopies(service, engine)
    scanner = _scanner(settings)
    uploads = Uploads(service, limits, scans=scanner is not None)
    return AppContext(
        service=service,
        engine=engine,
        portal=portal,
        settings=settings,
        assets=assets,
        screens=Screens(words=engine.words, assets=assets.path),
        words=engine.words,
        background=Background(),
        metrics=Metrics(),
        mailbox=DemoMailbox(service, letters) if settings.demo else None,
        postman=_postman(service, letters, settings),
        sessions=sessions,
        limits=limits,
        passwords=passwords,
        authentication=Authentication(service, sessions, limits, passwords),
        profile=Profile(service, sessions, limits, passwords),
        captcha=Captcha(service, sessions, limits),
        drafts=drafts,
        draft_expiry=DraftExpiry(service, drafts),
        magic_links=MagicLinks(service, drafts, limits, passwords),
        publishing=Publishing(service, engine, drafts.forms),
        working_copies=working_copies,
        reviews=Reviews(service, engine, working_copies),
        cases=cases,
        questions=Questions(service, cases),
        submissions=submissions,
        mailboxes=mailboxes,
        delivery_letters=delivery_letters,
        deliveries=_deliveries(service, cases, delivery_letters, settings),
        webhooks=_webhooks(service, cases, submissions, mailboxes, settings),
        folders=Folders(
            service,
            cases,
            submissions,
            mailboxes,
            Exports(service, engine, uploads, author=portal.council),
        )
        if settings.folders
        else None,
        alarms=Alarms(service, cases, mailboxes, settings.base_url),
        staff_roles=StaffRoles(service),
        desk=Desk(service, cases),
        decisions=Decisions(service, cases),
        claims=Claims(service, cases),
        pdf_import=PdfImport(service, drafts) if can_read_pdfs() else None,
        uploads=uploads,
        refused_files=RefusedFiles(service),
        files_at_once=CapacityLimiter(_FILES_AT_ONCE),
        scanning=Scanning(uploads, scanner, service.clock),
        addresses=addresses or _address_book(settings),
        large_drafts_at_once=CapacityLimiter(_LARGE_DRAFTS_AT_ONCE),
        texts_checked_at_once=CapacityLimiter(TEXTS_CHECKED_AT_ONCE),
    )


def _address_book(settings: Settings) -> AddressBook | None:
    if settings.os_places_key:
        return OsPlaces(settings.os_places_url, settings.os_places_key)
    return InventedAddresses() if settings.demo else None


def _scanner(settings: Settings) -> Clamd | None:
    where = settings.clamd
    if where is None:
        return None
    return Clamd(Path(where) if isinstance(where, str) else where)


def _deliveries(
    service: ServiceContext, cases: Cases, letters: DeliveryLetters, settings: Settings
) -> Deliveries | None:
    if settings.demo:
        return Deliveries(service, cases, letters, ShownInPlace(), sender="demo@example.org")
    if not settings.smtp_host:
        return None
    return Deliveries(service, cases, letters, SmtpTransport(settings), sender=settings.mail_from)


def _webhooks(
    service: ServiceContext,
    cases: Cases,
    submissions: Submissions,
    mailboxes: Mailboxes,
    settings: Settings,
) -> Webhooks | None:
    if not settings.webhooks:
        return None
    return Webhooks(
        service,
        cases,
        submissions,
        mailboxes,
        base_url=settings.base_url,
        private=settings.webhook_private,
        ca_file=settings.webhook_ca_file,
    )


def _postman(service: ServiceContext, letters: Letters, settings: Settings) -> Postman | None:
    if settings.demo or not settings.smtp_host:
        return None
    return Postman(service, letters, SmtpTransport(settings), sender=settings.mail_from)
