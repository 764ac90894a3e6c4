"""The service as an ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute, Route, request_response

from formengine.engine import Engine
from formengine.portal import load_portal
from formengine.service.address_lookup import AddressBook
from formengine.service.audit_heads import AuditHeads
from formengine.service.context import Clock, ServiceContext, system_clock
from formengine.service.crypto.keyring import Keyring
from formengine.service.delivery.digests import Digests
from formengine.service.drafts.drafts import DraftBusyError, DraftFullError
from formengine.service.loading import load_modules
from formengine.service.mail.outbox import purge_mail
from formengine.service.row_seals import seal_older_rows
from formengine.service.settings import Settings
from formengine.service.steady_clock import Monotonic, system_monotonic
from formengine.store.protocol import Store
from formengine.web import demo, ops
from formengine.web import portal as portal_pages
from formengine.web.accounts import captcha, profile, register, sign_in
from formengine.web.browser_session import SessionLookup
from formengine.web.context import AppContext, make_context
from formengine.web.desk import case_page, queue
from formengine.web.http.headers import SecurityHeaders
from formengine.web.http.immediate import ImmediateResponse, answer_immediately
from formengine.web.http.posts import MOST_BYTES
from formengine.web.http.routing import in_turn
from formengine.web.http.threads import HandlerThreads, in_thread
from formengine.web.journey import import_pdf, magic_links, my_forms, questions, receipts
from formengine.web.journey import routes as journey_routes
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.held_posts import HeldPosts
from formengine.web.middleware.allowed_methods import GetAndPostOnly, HeadAsGet
from formengine.web.middleware.csrf import CsrfCheck
from formengine.web.middleware.error_pages import ErrorPages
from formengine.web.middleware.errors_and_log import ErrorsAndLog
from formengine.web.middleware.large_posts import LargePosts
from formengine.web.middleware.slow_bodies import SlowBodies
from formengine.web.studio import studio_pages

# Each has `routes(context) -> list[BaseRoute]`; their handlers run in threads.
PARTS = (
    portal_pages,
    sign_in,
    register,
    profile,
    captcha,
    demo,
    receipts,
    my_forms,
    queue,
    case_page,
    questions,
    import_pdf,
    magic_links,
    studio_pages,
    journey_routes,
)
_CLEAN_UP_EVERY = timedelta(minutes=10)
# For tasks that go through many rows: every draft with a file in it is opened.
_RARELY = timedelta(hours=1)
_TAKE_UP_EVERY_S = 1.0
# Both are woken as soon as there is something to do; this interval is for retries.
_MAIL_EVERY_S = 5.0
_SCAN_EVERY_S = 10.0
_ALARM_EVERY = timedelta(seconds=30)


def create_app(
    engine: Engine,
    store: Store,
    keys: Keyring,
    clock: Clock = system_clock,
    *,
    settings: Settings | None = None,
    addresses: AddressBook | None = None,
    background: bool = True,
    monotonic: Monotonic = system_monotonic,
) -> Starlette:
    """The service as an app of its own, or to be mounted under any prefix of another Starlette or FastAPI app.

    engine: has the forms. store: has all rows; the app does not close it. keys: seal what is stored. settings:
    None for the defaults, as when no variable is set. addresses: looks addresses up; None for the look-up of the
    settings. background: whether e-mail is sent, uploads scanned and old sessions removed by this process; else
    another must do it. monotonic: tells how long this process has run.

    A mounted app gets no event when its server starts, so work in the background begins with the first request.
    Raises `formengine.language.diagnostics.DefinitionError` for a portal that cannot be used, and
    `formengine.output.themes.ThemeError` for a template that cannot.
    """
    settings = settings or Settings()
    load_modules()
    portal = load_portal(settings.portal, roots=engine.folders)
    service = ServiceContext(store, keys, clock, words=engine.words, monotonic=monotonic)
    seal_older_rows(service)
    context = make_context(service, engine, portal, settings, addresses=addresses)
    add_tasks(context)
    context.arrivals.append(HeldPosts(context, DraftAccess(context)).save)
    context.background.off = not background
    error_pages = ErrorPages(engine.words)
    app = Starlette(
        routes=routes_of(context),
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(HeadAsGet),
            Middleware(SlowBodies),
            Middleware(LargePosts),
            Middleware(ErrorsAndLog, error_pages=error_pages, hosts=frozenset(settings.hosts)),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BYTES),
            Middleware(GetAndPostOnly),
            Middleware(CsrfCheck),
        ],
        exception_handlers={
            HTTPException: error_pages.answer,
            DraftFullError: error_pages.answer,
            DraftBusyError: error_pages.answer,
            ImmediateResponse: answer_immediately,
        },
        lifespan=_lifespan,
    )
    # An address with a slash too many would be answered with a redirect that repeats the request's host.
    app.router.redirect_slashes = False
    app.state.context = context
    app.state.session_lookup = SessionLookup(context.sessions, context.service.keys, context.limits)
    return app


def routes_of(context: AppContext) -> list[BaseRoute]:
    """Every address there is, in the order in which they are tried."""
    static = Route("/static/{version}/{name:path}", context.assets.serve)
    threads = HandlerThreads()
    pages = [route for part in PARTS for route in part.routes(context)]
    for route in pages:
        if isinstance(route, Route):
            route.app = request_response(threads.answering(route.endpoint))
    return in_turn([static, *ops.routes(context), *pages])


def add_tasks(context: AppContext) -> None:
    """Add the background tasks of every part to `context.background`."""

    async def clean_up() -> None:
        await in_thread(context.sessions.purge)
        await in_thread(context.authentication.purge)
        await in_thread(context.draft_expiry.drop_held_posts)

    async def end_drafts() -> None:
        if await in_thread(context.draft_expiry.warn):
            context.background.wake("mail")
        await in_thread(context.draft_expiry.mark)
        await in_thread(context.draft_expiry.purge)

    async def drop_files() -> None:
        await in_thread(context.uploads.purge, context.drafts)

    audit_heads = AuditHeads(context.service, context.settings)

    async def watch_audit() -> None:
        await in_thread(audit_heads.watch)
        if await in_thread(audit_heads.send):
            context.background.wake("mail")

    async def forget_mail() -> None:
        await in_thread(purge_mail, context.service)

    async def take_up() -> None:
        await in_thread(context.drafts.forms.take_up)

    # Each a task of its own: where one fails, the others go on.
    for name, work, every in (
        ("clean_up", clean_up, _CLEAN_UP_EVERY),
        ("drafts", end_drafts, _CLEAN_UP_EVERY),
        ("audit", watch_audit, _CLEAN_UP_EVERY),
        ("files", drop_files, _RARELY),
        ("old_mail", forget_mail, _RARELY),
    ):
        context.background.add(name, work, every_s=every.total_seconds())
    # A request takes up what is published too; this saves it the time to compile.
    context.background.add("publications", take_up, every_s=_TAKE_UP_EVERY_S)
    _add_tasks_of_cases(context)
    if context.postman is not None:
        context.background.add("mail", context.postman.deliver_due, every_s=_MAIL_EVERY_S)
    if context.settings.clamd is not None:
        context.background.add("scan", context.scanning.scan_waiting, every_s=_SCAN_EVERY_S)


def _add_tasks_of_cases(context: AppContext) -> None:
    """Add what goes on around cases: their beginning, where a form got its process later, deliveries and alarms."""

    async def begin_cases() -> None:
        if await in_thread(context.cases.begin_missing):
            context.background.wake("delivery")
            context.background.wake("webhooks")
            context.background.wake("folders")

    async def raise_alarms() -> None:
        if await in_thread(context.alarms.raise_due):
            context.background.wake("mail")

    async def send_digest() -> None:
        if await in_thread(digests.send):
            context.background.wake("mail")

    async def end_late_questions() -> None:
        await in_thread(context.questions.end_late)

    digests = Digests(context.service, context.settings)
    context.background.add("digest", send_digest, every_s=_RARELY.total_seconds())
    context.background.add("questions", end_late_questions, every_s=_CLEAN_UP_EVERY.total_seconds())
    context.background.add("cases", begin_cases, every_s=_RARELY.total_seconds())
    context.background.add("alarms", raise_alarms, every_s=_ALARM_EVERY.total_seconds())
    if context.deliveries is not None:
        context.background.add("delivery", context.deliveries.deliver_due, every_s=_MAIL_EVERY_S)
    if context.webhooks is not None:
        context.background.add("webhooks", context.webhooks.deliver_due, every_s=_MAIL_EVERY_S)
    if context.folders is not None:
        context.background.add("folders", context.folders.deliver_due, every_s=_MAIL_EVERY_S)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    """Work in the background from the server's start to its end."""
    context: AppContext = app.state.context
    context.background.start()
    yield
    await context.background.stop()
