"""The addresses of pages that somebody may come back to, and the names of a draft's pages in them.

What is stored names pages and steps in words of the service; here alone they become addresses, and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from formengine.service.accounts.destinations import PageTarget
from formengine.service.drafts.step import CHECK_ANSWERS, Step

# Addresses beside a draft's pages that a page's id could be as well; such a page has "page-" before its id.
TAKEN: Final = frozenset({"autosave", "cancel", "close", "conflict", "exit", "files", "print", "sent"})
_AS_PAGE: Final = "page-"
REMOVE_ENDING: Final = ".remove"

# The page of a destination that is the start page of a form; its step is the form's id.
FORM: Final = "form"

PATHS: Final[Mapping[str, str]] = {
    "hub": "/hub",
    "my_forms": "/my-forms",
    "desk": "/desk",
    "import_pdf": "/continue",
    "register": "/account/register",
    "sign_in": "/account/sign-in",
    "forgotten": "/account/forgotten",
    "account": "/account",
    "account_details": "/account/details",
    "account_email": "/account/email",
    "account_email_code": "/account/email/code",
    "account_password": "/account/password",
    "account_two_step": "/account/two-step",
    "account_recovery_codes": "/account/recovery-codes",
    "account_sessions": "/account/sessions",
    "account_close": "/account/close",
    "studio": "/studio",
}
# The pages of a draft beside its steps, by their names within ``/drafts/{draft}/``.
IN_DRAFT: Final[Mapping[str, str]] = {
    "menu": "",
    "address_search": "address-search",
    "answers_pdf": "answers-pdf",
    "call_first": "call-first",
    "cancel": "cancel",
    "check_answers": "check-answers",
    "close": "close",
    "conflict": "conflict",
    "create_pdf": "create-pdf",
    "exit": "exit",
    "files": "files",
    "keep_alive": "keep-alive",
    "print": "print",
    "save_for_later": "save-for-later",
    "sent": "sent",
    "timed_out": "timed-out",
}
_PAGES_IN_DRAFT: Final = {name: page for page, name in IN_DRAFT.items()}


def page_name(page_id: str) -> str:
    """The name of a page in the address."""
    return f"{_AS_PAGE}{page_id}" if page_id in TAKEN else page_id


def page_id_of(name: str) -> str:
    """The id of the page with this name in the address; of an item, the name of its step."""
    return name.removeprefix(_AS_PAGE) if name.removeprefix(_AS_PAGE) in TAKEN else name


def address_of(step: Step) -> str:
    """The name of a step in the address."""
    return step.name if step.repeat else page_name(step.page)


def address_of_kept(name: str) -> str:
    """The name in the address of a step stored by its name, of `CHECK_ANSWERS`, and of "" for the menu."""
    return IN_DRAFT["check_answers"] if name == CHECK_ANSWERS else page_name(name)


def destination_in(draft_id: str, name: str) -> PageTarget:
    """The destination with this name in the address of a draft."""
    page = _PAGES_IN_DRAFT.get(name)
    if page is not None:
        return PageTarget(page, draft_id)
    if name.endswith(REMOVE_ENDING):
        return PageTarget("remove", draft_id, name.removesuffix(REMOVE_ENDING))
    return PageTarget("", draft_id, page_id_of(name))


def path_of(destination: PageTarget | None) -> str:
    """The path of a page within the app; the hub's for None, and for what this version does not know."""
    if destination is None:
        return PATHS["hub"]
    if destination.page == FORM:
        return f"/forms/{destination.step}"
    if not destination.draft:
        return PATHS.get(destination.page, PATHS["hub"])
    if destination.page == "remove":
        name = f"{destination.step}{REMOVE_ENDING}"
    elif destination.page:
        name = IN_DRAFT.get(destination.page, "")
    else:
        name = page_name(destination.step)
    return f"/drafts/{destination.draft}/{name}"
