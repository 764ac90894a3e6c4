"""The addresses of the pages of a draft, and their renderers."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from formengine.form.plan import Form
from formengine.output.html import HtmlRenderer
from formengine.output.html.journey import Journey
from formengine.web.addresses import IN_DRAFT, PATHS, REMOVE_ENDING, page_name
from formengine.web.context import AppContext

_MINUTE_S = 60
# Each takes up to a megabyte once all its pages were drawn; a form has three.
_RENDERERS_KEPT = 48


@dataclass(frozen=True, slots=True)
class DraftLinks:
    """Names within ``/drafts/{draft}/``, so that a page drawn once serves every draft; `assets` is the way to files."""

    assets: str
    posts: bool = True
    index: str = "./"
    check_answers: str = IN_DRAFT["check_answers"]
    confirmation: str = IN_DRAFT["sent"]

    def page(self, page_id: str) -> str:
        """``child``."""
        return page_name(page_id)

    def item(self, repeat: str, item_id: str, page_id: str = "") -> str:
        """``children.i1``, or ``children.i1.school`` for a page of the item."""
        return ".".join(part for part in (repeat, item_id, page_id) if part)

    def remove(self, repeat: str, item_id: str) -> str:
        """``children.i1.remove``."""
        return f"{repeat}.{item_id}{REMOVE_ENDING}"

    def asset(self, name: str) -> str:
        """``../../static/0a1b2c3d4e5f/council.css``."""
        return f"{self.assets}/{name}"


def continue_path(context: AppContext) -> str:
    """Where people go on from a PDF, "" where none can be read."""
    return PATHS["import_pdf"] if context.pdf_import is not None else ""


class FormPages:
    """The renderers of each form, for people who are signed in and for others; made once and shared by threads."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._made: dict[tuple[str, bool, str], HtmlRenderer] = {}
        self._lock = Lock()

    def of(self, form: Form, *, signed_in: bool) -> HtmlRenderer:
        """The renderer of pages of drafts of the form."""
        return self._kept(form, "../..", signed_in=signed_in, leave="exit", in_draft=True)

    def start_of(self, form: Form, *, signed_in: bool) -> HtmlRenderer:
        """The renderer of the form's start page, which belongs to no draft."""
        leave = form.definition.presentation.exit_page
        return self._kept(form, "..", signed_in=signed_in, leave=leave, in_draft=False)

    def journey(self, form: Form) -> Journey:
        """The times of the form; the service's own limit applies to all."""
        session = form.definition.session
        timeout = min(session.timeout_minutes, int(self._context.sessions.idle.total_seconds() // _MINUTE_S))
        return Journey(
            timeout_minutes=timeout,
            warn_minutes=min(session.warn_minutes, max(1, timeout - 1)),
            address_search="address-search" if self._context.addresses is not None else "",
        )

    def _kept(self, form: Form, up: str, *, signed_in: bool, leave: str, in_draft: bool) -> HtmlRenderer:
        key = (up, signed_in, form.digest)
        with self._lock:
            if key not in self._made:
                context = self._context
                if len(self._made) >= _RENDERERS_KEPT:
                    # The one that was asked for longest ago: of a form as it was before.
                    del self._made[next(iter(self._made))]
                self._made[key] = HtmlRenderer(
                    form,
                    themes=context.engine.themes,
                    links=DraftLinks(f"{up}{context.assets.path}"),
                    site=context.site(
                        up, signed_in=signed_in, leave=leave if form.definition.presentation.exit_page else ""
                    ),
                    journey=self.journey(form) if in_draft else None,
                )
            made = self._made[key] = self._made.pop(key)
            return made
