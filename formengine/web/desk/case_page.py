"""A case: as it was sent, what happened to it, the questions of its stage, and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from urllib.parse import quote

from anyio import CapacityLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.form.actions.input_names import ACTION
from formengine.form.plan import Form
from formengine.form.process import STAGE_PAGE, ProcessStage
from formengine.language.words.moments import moment_text
from formengine.output.html import HtmlRenderer
from formengine.service.cases.cases import SYSTEM, CaseRecord
from formengine.service.cases.questions import ANSWER
from formengine.service.desk.decisions import StageWork, Typed
from formengine.service.desk.staff import Staff
from formengine.service.files.uploads import NotScannedError
from formengine.service.submissions.submissions import Sent
from formengine.store.rows import CaseEventRow
from formengine.web.browser_session import browser_session_of, root_of, token_of
from formengine.web.context import AppContext
from formengine.web.desk.staff_access import case_of, opened_here, staff_of
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread, in_turn_of
from formengine.web.middleware.access_refusals import access_refused

# What a page of a case posts beside the stage's questions; no id begins with a hyphen.
REV = "-rev"
STAGE = "-stage"
REASON = "-reason"
_OPEN = "open"
_CLAIM = "claim"
_RELEASE = "release"
_MOVE = "move"
_PDFS_AT_ONCE = 2
_CASE = "/desk/cases/{reference}"
# Why a case was not led on, in the address that the person is sent to.
_WHY = frozenset({"wrong", "not_open", "no_reason", "stale", "saved"})


class CaseLinks:
    """Where the questions of a stage lead: nowhere but to the page itself, which posts."""

    posts = True
    index = check_answers = confirmation = ""

    def __init__(self, assets: str) -> None:
        self._assets = assets

    def page(self, page_id: str) -> str:  # noqa: ARG002 - as `Links` has it
        """The page itself."""
        return ""

    def item(self, repeat: str, item_id: str, page_id: str = "") -> str:  # noqa: ARG002 - as above
        """The page itself: lists stand there as rows."""
        return ""

    def remove(self, repeat: str, item_id: str) -> str:  # noqa: ARG002 - as above
        """The page itself."""
        return ""

    def asset(self, name: str) -> str:
        """A static file."""
        return f"{self._assets}/{name}"


class CasePages:
    """The pages of cases."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._at_once = CapacityLimiter(_PDFS_AT_ONCE)
        self._renderers: dict[tuple[str, str], HtmlRenderer] = {}
        self._lock = Lock()

    def routes(self) -> list[BaseRoute]:
        """The routes of these pages."""
        return [
            Route(_CASE, self.case, methods=["GET", "POST"]),
            Route(f"{_CASE}/answers-pdf", self.answers_pdf),
            Route(f"{_CASE}/files/{{file}}", self.file),
        ]

    # --- the page ----------------------------------------------------------------------------------------------------

    async def case(self, request: Request) -> Response:
        """The case; before it is opened in this session, one button, because each reading is recorded."""
        if is_post(request) and browser_session_of(request).account is None:
            typed = (await read_post(request)).action.partition(":")[0] not in {_OPEN, _CLAIM, _RELEASE}
            if not await self._keep_late_post(request) and typed:
                # Nobody's to keep: what was typed stands on the error's page, to be sent again after signing in.
                raise access_refused(request, None, status=403)
        staff = await staff_of(self._context, request)
        case = case_of(self._context, request, staff)
        if is_post(request):
            return await self._posted(request, staff, case)
        if not opened_here(self._context, request, staff, case):
            return self._context.page(
                request,
                "desk/open.html",
                title=case.row.reference,
                case=self._facts(case),
                back=f"{root_of(request)}/desk?form={case.row.form}",
            )
        size_bytes = await in_thread(self._context.submissions.size_bytes, case.row.submission)
        return await self._context.beside_large(size_bytes, lambda: self._shown(request, staff, case))

    def _shown(self, request: Request, staff: Staff, case: CaseRecord) -> Response:
        context, words = self._context, self._context.words
        why = request.query_params.get("why", "")
        why = why if why in _WHY else ""
        sent = self._sent(case)
        events = context.cases.events(case)
        decides = staff.may_decide(case) and case.row.ended_at is None
        work = context.decisions.work(case, staff.account)
        drawn = self._renderer(case.stage.form, case.row.digest).questions(
            work.state, STAGE_PAGE, show_errors=why == "wrong"
        )
        problems = [{"text": line.text, "href": line.href} for line in drawn.problems]
        if why in {"not_open", "no_reason"}:
            href = f"#{REASON}" if why == "no_reason" else "#decision"
            problems.append({"text": words.text(f"screens.desk.case.{why}"), "href": href})
        behind = context.decisions.left_behind(case, staff.account)
        return context.page(
            request,
            "desk/case.html",
            title=case.row.reference,
            status=422 if problems else 200,
            case=self._facts(case),
            back=f"{root_of(request)}/desk?form={case.row.form}",
            problems=problems,
            why=why,
            sender=self._sender(case),
            answers=self._renderer(sent.definition, sent.definition.digest).answers(sent.state),
            files=[(file.id, file.name, file.check) for file in context.uploads.of_draft(sent.receipt.draft)],
            decides=decides,
            claim=self._claim(staff, case),
            role=case.process.definition.roles.get(case.stage.role, case.stage.role),
            waits=case.stage.spec.asks is not None,
            questions=drawn.html,
            moves=[(move.id, move.spec.label, move.spec.reason) for move in case.stage.moves],
            asks_reason=any(move.spec.reason for move in case.stage.moves),
            values={REASON: work.reason},
            errors={REASON: words.text("screens.desk.case.no_reason") if why == "no_reason" else ""},
            hidden={REV: str(case.row.rev), STAGE: case.row.stage},
            behind=self._read_back(case, behind) if behind is not None else "",
            timeline=self._timeline(case, events),
            decisions=self._decisions(case, events),
        )

    async def _posted(self, request: Request, staff: Staff, case: CaseRecord) -> Response:
        context, post = self._context, await read_post(request)
        verb, _, about = post.action.partition(":")
        if verb == _OPEN:
            if not opened_here(context, request, staff, case):
                await in_thread(context.desk.read, staff, case)
            return self._go(request, case)
        if verb in {_CLAIM, _RELEASE} and staff.may_decide(case):
            act = context.claims.claim if verb == _CLAIM else context.claims.release
            await in_thread(act, staff, case)
            return self._go(request, case)
        if not opened_here(context, request, staff, case) or not staff.may_decide(case):
            # The case may have been moved on to others while the page was open.
            if post.text(REV) in {"", str(case.row.rev)}:
                raise access_refused(request, staff.account, status=403, subject=case.row.submission)
            await in_thread(context.decisions.save, case, staff.account, _typed(post))
            return self._go(request, case, "stale")
        if verb != _MOVE:
            await in_thread(context.decisions.save, case, staff.account, _typed(post))
            return self._go(request, case, "saved")
        rev = post.whole_number(REV) or 0

        def decide() -> str:
            decided = context.decisions.decide(case, staff, _typed(post), move_id=about, rev=rev)
            return decided.why

        try:
            why = await in_thread(decide)
        except KeyError:
            raise HTTPException(400) from None
        if why:
            return self._go(request, case, why)
        context.background.wake("mail")
        return context.go(request, f"/desk?form={case.row.form}&moved={case.row.reference}")

    async def _keep_late_post(self, request: Request) -> bool:
        """Keep what was typed into a page that came after its session had ended, for whoever it belonged to.

        Returns whether there is anybody to keep it for.
        """
        context, post = self._context, await read_post(request)
        ended = context.sessions.ended(token_of(request))
        account = ended.account if ended is not None and ended.stage == "signed_in" else None
        staff = context.staff_roles.of_account(account) if account is not None else None
        case = context.desk.find(staff, request.path_params["reference"]) if staff is not None else None
        if staff is not None and case is not None and post.text(STAGE) in case.process.stages:
            await in_thread(context.decisions.save, case, staff.account, _typed(post))
            return True
        return False

    # --- documents ---------------------------------------------------------------------------------------------------

    async def answers_pdf(self, request: Request) -> Response:
        """The answers as a PDF, for who has opened the case."""
        case, sent = await self._opened(request)
        context = self._context

        def draw() -> bytes:
            written = context.engine.pdf(
                sent.state,
                author=context.portal.council,
                at=sent.receipt.submitted_at.astimezone(context.service.zone),
                reference=case.row.reference,
            )
            return written.content

        content = await in_turn_of(self._at_once, draw)
        headers = {"Content-Disposition": f'attachment; filename="{case.row.reference}.pdf"'}
        return Response(content, media_type="application/pdf", headers=headers)

    async def file(self, request: Request) -> Response:
        """A file that came with the form: always a download, never shown by the browser itself."""
        _, sent = await self._opened(request)
        uploads, draft, file_id = self._context.uploads, sent.receipt.draft, request.path_params["file"]
        kept = uploads.get(draft, file_id)
        try:
            content = await in_thread(uploads.content, draft, file_id)
        except LookupError:
            raise HTTPException(404) from None
        except NotScannedError:
            raise HTTPException(503, headers={"Retry-After": "60"}) from None
        name = quote(kept.name if kept is not None else file_id)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def _opened(self, request: Request) -> tuple[CaseRecord, Sent]:
        """The case and what was sent, for who has opened it in this session; else 404."""
        staff = await staff_of(self._context, request)
        case = case_of(self._context, request, staff)
        if not opened_here(self._context, request, staff, case):
            raise access_refused(request, staff.account, subject=case.row.submission)
        return case, await in_thread(self._sent, case)

    # --- parts of the page -------------------------------------------------------------------------------------------

    def _sent(self, case: CaseRecord) -> Sent:
        sent = self._context.submissions.of_case(case.row.submission)
        if sent is None:
            raise HTTPException(404)
        return sent

    def _renderer(self, form: Form, digest: str) -> HtmlRenderer:
        """The renderer of what was sent, or of a stage's questions; made once a form and stage."""
        key = (digest, form.title)
        with self._lock:
            if key not in self._renderers:
                themes = self._context.engine.themes
                links = CaseLinks(self._context.assets.path)
                self._renderers[key] = HtmlRenderer(form, themes=themes, links=links)
            return self._renderers[key]

    def _claim(self, staff: Staff, case: CaseRecord) -> dict[str, object]:
        """Who works on the case. who: "" for nobody; mine: whether it is whoever asks."""
        context, holder = self._context, self._context.claims.holder(case)
        if holder is None or case.row.assigned_until is None:
            return {"who": "", "mine": False, "until": ""}
        until = case.row.assigned_until.astimezone(context.service.zone)
        name = context.staff_roles.names([holder]).get(
            holder, context.words.text("screens.desk.case.somebody")
        )
        return {"who": name, "mine": holder == staff.account, "until": f"{until:%H:%M}"}

    def _read_back(self, case: CaseRecord, work: StageWork) -> str:
        return self._renderer(work.state.form, case.row.digest).answers(work.state, name="behind")

    def _facts(self, case: CaseRecord) -> dict[str, object]:
        row, zone, words = case.row, self._context.service.zone, self._context.words
        ended = row.ended_at is not None
        return {
            "reference": row.reference,
            "title": case.process.definition.title,
            "urgent": row.urgent,
            "stage": case.outcome_label if ended else case.stage.spec.title,
            "notifier_sees": case.outcome_label if ended else case.stage.spec.notifier_sees,
            "received": moment_text(row.begun_at.astimezone(zone), words),
            "due": "" if ended else moment_text(row.due_at.astimezone(zone), words),
            "late": not ended and row.due_at < self._context.service.clock(),
            "mailbox": case.mailbox_title,
            "ended": ended,
        }

    def _sender(self, case: CaseRecord) -> Mapping[str, str]:
        """Who sent it, as their account knows them; empty without an account."""
        return self._context.submissions.sender(case.row.submission)

    def _timeline(self, case: CaseRecord, events: list[CaseEventRow]) -> list[dict[str, str]]:
        context = self._context
        names = context.staff_roles.names([event.actor for event in events if event.actor != SYSTEM])
        lines = []
        for event in events:
            stage = case.process.stages.get(event.stage)
            move = stage.move(event.move) if stage is not None else None
            lines.append(
                {
                    "at": moment_text(event.at.astimezone(context.service.zone), context.words),
                    "kind": _kind(stage, event),
                    "who": names.get(event.actor, ""),
                    "what": move.spec.label if move is not None else "",
                    "mailbox": case.mailbox_title,
                }
            )
        return lines

    def _decisions(self, case: CaseRecord, events: list[CaseEventRow]) -> list[dict[str, str]]:
        """What staff answered in the stages that the case has left."""
        found = []
        for event in events:
            stage = case.process.stages.get(event.stage)
            if event.kind not in {"moved", "added"} or stage is None:
                continue
            kept = self._context.cases.kept(event)
            answers = kept.get("answers", {})
            if event.kind == "added" or stage.spec.asks is not None:
                written = answers.get(ANSWER, "") if isinstance(answers, dict) else ""
                if written:
                    found.append(
                        {"title": stage.spec.title, "said": str(written), "answers": "", "reason": ""}
                    )
                continue
            state = self._context.engine.evaluate(stage.form, answers, on=event.at.date())
            found.append(
                {
                    "title": stage.spec.title,
                    "said": "",
                    "answers": self._renderer(stage.form, case.row.digest).answers(
                        state, name=f"decision-{event.seq}"
                    ),
                    "reason": str(kept.get("reason", "")),
                }
            )
        return found

    def _go(self, request: Request, case: CaseRecord, why: str = "") -> Response:
        path = f"/desk/cases/{case.row.reference}"
        return self._context.go(request, f"{path}?why={why}#main-content" if why else path)


def routes(context: AppContext) -> list[BaseRoute]:
    """The addresses of cases."""
    return CasePages(context).routes()


def _kind(stage: ProcessStage | None, event: CaseEventRow) -> str:
    """What an event is called; of a stage that waits, its two ends."""
    waited = stage is not None and stage.spec.asks is not None
    return event.move if waited and event.kind == "moved" else event.kind


def _typed(post: Post) -> Typed:
    own = {name: texts for name, texts in post.texts.items() if name not in {REV, STAGE, REASON, ACTION}}
    # A press of "add another" leaves the rows as they are; every other button goes on from the page.
    return Typed({**own, ACTION: (post.action or "next",)}, post.text(REASON), post.text(STAGE))
