"""The review of a change: an author asks for it, an approver approves the text or sends it back, both comment."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from formengine.form.analysis.references import path_of
from formengine.form.compiler.positions import lay_out
from formengine.form.plan import Form
from formengine.language import model
from formengine.language.diagnostics import Findings
from formengine.service.studio.reviews import Review, ReviewLine, ReviewRefusedError
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread
from formengine.web.studio.authors import MAY_CHANGE, MAY_REVIEW, author_of, role_of
from formengine.web.studio.studio_screens import StudioForm, form_of, shown_name

DIGEST, DO, DECISION, PLACE = "digest", "do", "decision", "place"
# The box for what a person writes, by what they do.
NOTES = {"ask": "ask-note", "decide": "decide-note", "comment": "comment-note"}
_NOTE_MOST = 2000
_DONE = "done"


class ReviewPage:
    """Handles requests for the page of the review."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def review(self, request: Request) -> Response:
        """Where the change stands; posted, a request, a decision or a comment is recorded."""
        account = await author_of(self._context, request, posts=MAY_REVIEW)
        opened = await form_of(self._context, request)
        if not is_post(request):
            return await in_thread(self._page, opened, account)
        post = await read_post(request)
        errors = self._errors(post)
        if not errors:
            try:
                await in_thread(self._record, opened, post, account)
            except ReviewRefusedError as refused:
                errors = {"": self._context.words.text(f"screens.studio.review.refused.{refused.why}")}
                opened = await form_of(self._context, request)
            else:
                return self._context.go(request, f"/studio/forms/{opened.now.form}/review?{_DONE}=1")
        return await in_thread(self._page, opened, account, post=post, errors=errors)

    def _errors(self, post: Post) -> dict[str, str]:
        """What is wrong with the post, by the input's name."""
        words, does = self._context.words, post.text(DO)
        name = NOTES.get(does, NOTES["comment"])
        written = post.text(name).strip()
        if len(written) > _NOTE_MOST:
            return {name: words.text("screens.studio.review.long_note")}
        if does == "decide" and post.text(DECISION) not in {"approve", "send_back"}:
            return {DECISION: words.text("screens.studio.review.no_decision")}
        if not written and not (does == "decide" and post.text(DECISION) == "approve"):
            return {name: words.text("screens.studio.review.no_note")}
        return {}

    def _record(self, opened: StudioForm, post: Post, account: str) -> None:
        reviews, form_id, digest = self._context.reviews, opened.now.form, post.text(DIGEST)
        does = post.text(DO)
        written = post.text(NOTES.get(does, NOTES["comment"])).strip()
        if does == "decide":
            approves = post.text(DECISION) == "approve"
            reviews.answer(form_id, digest, approves=approves, account=account, written=written)
        elif does == "ask":
            if role_of(self._context, account) not in MAY_CHANGE:
                raise ReviewRefusedError("own")
            reviews.ask(form_id, digest, account=account, written=written)
        else:
            place = post.text(PLACE)
            known = dict(_places(opened.checked.form))
            reviews.comment(
                form_id, digest, account=account, written=written, place=place if place in known else ""
            )

    def _page(
        self,
        opened: StudioForm,
        account: str,
        *,
        post: Post | None = None,
        errors: dict[str, str] | None = None,
    ) -> Response:
        form, wrong = opened.checked.form, errors or {}
        digest = form.digest if form is not None else ""
        review = self._context.reviews.of(opened.now.form, digest, account)
        role, places = role_of(self._context, account), _places(form)
        typed = {name: post.text(name) if post is not None else "" for name in NOTES.values()}
        return opened.page(
            "review.html",
            "review",
            status=422 if wrong else 200,
            review=review,
            lines=[self._line(opened, line, dict(places)) for line in review.lines],
            digest=digest,
            places=[("", self._context.words.text("screens.studio.review.whole")), *places],
            may_ask=role in MAY_CHANGE and review.stage in {"draft", "sent_back"} and review.needed,
            may_decide=role not in MAY_CHANGE and review.stage == "in_review" and not review.is_editor,
            is_author=role in MAY_CHANGE,
            errors={name: wrong.get(name, "") for name in (DECISION, *NOTES.values())},
            problems=[{"text": text, "href": f"#{name}" if name else ""} for name, text in wrong.items()],
            typed=typed,
            decision=post.text(DECISION) if post is not None else "",
            place=post.text(PLACE) if post is not None else "",
            done=_DONE in opened.request.query_params,
        )

    def _line(self, opened: StudioForm, line: ReviewLine, labels: dict[str, str]) -> dict[str, object]:
        words = self._context.words
        what = words.text(
            f"screens.studio.review.{line.event}",
            who=shown_name(self._context, "", line.who),
            at=opened.moment(line.at),
        )
        about = words.text("screens.studio.review.about", label=labels.get(line.place, line.place))
        return {
            "what": what,
            "note": line.note,
            "about": about if line.place else "",
            "is_of_this_text": line.is_of_this_text,
        }


def review_of_form(context: AppContext, opened: StudioForm, account: str) -> Review:
    """Where the change stands, of which no text is approved that could not be published; takes the store."""
    form = opened.checked.publishable
    return context.reviews.of(opened.now.form, form.digest if form is not None else "", account)


def _places(form: Form | None) -> list[tuple[str, str]]:
    """The paths of the questions and what people read of them, in order; none while the text is broken."""
    if form is None:
        return []
    places = lay_out(form.definition, Findings()).walk()
    return [
        (path_of(each), each.node.settings.label) for each in places if isinstance(each.node, model.Field)
    ]
