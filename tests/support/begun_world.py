"""A service in which everything has begun that can begin, and every address of it: for tests over all routes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route

from formengine.language.fields.stored_files import files_in
from formengine.service.accounts.sessions import HELD
from tests.support import signing_in
from tests.support.desk_people import staffed_case
from tests.support.journey_forms import engine_of
from tests.support.journey_people import (
    account_of,
    begun,
    brought_back,
    draft_at,
    give_token,
    post,
    sign_in,
    signed_in,
)
from tests.support.service_app import Person, Service, make_service
from tests.support.signing_in import EMAIL, PASSWORD
from tests.support.upload_files import pdf

# People in the midst of getting into an account: to them every draft is a stranger's.
WITHOUT_A_DRAFT = frozenset(
    {
        "who has just registered",
        "who registers",
        "who signs in",
        "who has forgotten",
        "who proves to be human",
        "an author",
    }
)
# Who changes forms is in the midst of nothing.
_AUTHOR = "an author"
_LETTER = ("letters", ("letter.pdf", pdf(), "application/pdf"))


@dataclass(frozen=True)
class World:
    """The service; people by their tokens, "" for a stranger; and the addresses, some of them asked with a query."""

    service: Service
    tokens: Mapping[str, str]
    addresses: Sequence[str]

    def everything(self) -> Iterator[tuple[str, str]]:
        """Everybody with every address; a draft's only with those who have begun one, and with a stranger."""
        for who, path in product(self.tokens, self.addresses):
            if who not in WITHOUT_A_DRAFT or not path.startswith("/drafts/"):
                yield who, path

    def ask(self, method: str, path: str, who: str) -> tuple[int, Mapping[str, str]]:
        """The status and headers of the answer to a browser of this person's, which brings no CSRF token."""
        browser = self.service.person()
        if self.tokens[who]:
            give_token(browser, self.tokens[who])
        answer = browser.request(method, path)
        return answer.status_code, answer.headers


def begun_world(folder: Path) -> World:
    """The world of a new service in this folder, whose store the caller closes."""
    service = make_service(folder, engine=engine_of(folder / "forms"))
    owner, owner_account = service.person(), account_of(service, "owner@example.org")
    sign_in(service, owner, owner_account)
    owned = _owned(service, owner, owner_account)
    late, late_account = service.person(), account_of(service, "late@example.org")
    sign_in(service, late, late_account)
    hers = begun(late, "ask-for-help", safe="yes", nearby="yes")
    page = late.get(f"{hers}you")
    gone = {
        "who was signed in": signed_in(service, "slow@example.org").browser,
        "who had no account": service.person(),
    }
    ways = [begun(browser, "ask-for-help", safe="yes", nearby="yes") for browser in gone.values()]
    # All these sessions are over; one page came after that, and its owner, signed in again, has not looked since.
    service.clock.move(minutes=30)
    late.submit(f"{hers}you", {"-action": "next", **brought_back(page), "name": "Dee"})
    sign_in(service, late, late_account)
    session = service.context.sessions.find(late.token)
    assert session is not None
    held = session.facts[HELD]
    sign_in(service, owner, owner_account)
    desk, case = staffed_case(service)
    visitors, visitor_ways, link = _visitors(service)
    people = {
        "an owner": owner,
        "who works on the desk": desk.browser,
        "who has a late page": late,
        **gone,
        **visitors,
        **_at_the_door(service),
        _AUTHOR: _author(service),
    }
    # Long enough for every last use to be written again.
    service.clock.move(seconds=90)
    drafts = [*owned.drafts, *(way.split("/")[2] for way in (*visitor_ways, hers, *ways)), "0" * 22]
    values = {
        "draft": drafts,
        "name": ["you", "why", "children.new", "nothing"],
        "file": [owned.file],
        "form": ["ask-for-help", "visit", "nothing"],
        "token": [link, "nothing"],
        "page": [*(each.id for each in service.context.portal.pages[:1]), "nothing"],
        "version": [service.context.assets.version],
        "reference": [case, "nothing"],
    }
    addresses = [path for pattern in paths(service.own.routes) for path in _filled(pattern, values)]
    tokens = {"a stranger": "", **{who: browser.token for who, browser in people.items()}}
    asked = [
        *owned.asked,
        f"{hers}conflict?post={held}",
        f"{hers}timed-out?held=1&at=you",
        "/account?done=saved",
        "/account/code?sent=1",
    ]
    return World(service, tokens, [*addresses, *asked])


def paths(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[str]:
    """The pattern of every address, those of mounted apps too."""
    for route in routes:
        if isinstance(route, Mount):
            yield from paths(route.routes, prefix + route.path)
        else:
            assert isinstance(route, Route), f"{route} is of a kind that this does not know"
            yield prefix + route.path


@dataclass(frozen=True)
class _Owned:
    """What an account has: drafts by their ids, a file of one of them, and addresses with more in them than ids."""

    drafts: Sequence[str]
    file: str
    asked: Sequence[str]


def _owned(service: Service, owner: Person, account: str) -> _Owned:
    helped = begun(owner, "ask-for-help", safe="yes", nearby="yes")
    post(owner, f"{helped}you", name="Ada", has_children="yes", how_many="1")
    post(owner, f"{helped}children.new", action="save_item", children__new__first_name="Bo")
    children = draft_at(service, helped, account).answers["children"]
    assert isinstance(children, list)
    assert isinstance(children[0], dict)
    visit = begun(owner, "visit", kind="home")
    shown = brought_back(owner.get(f"{visit}why"))
    owner.submit(f"{visit}why", {**shown, "-action": "index"}, files=[_LETTER])
    file = files_in(draft_at(service, visit, account).answers["letters"])[0]
    answers = {"safe": "yes", "nearby": "yes", "name": "Ada"}
    sent = service.context.drafts.start("ask-for-help", account=account, holder=None, answers=answers)
    service.context.submissions.submit(sent, rev=sent.rev)
    # Two windows, the second of which was posted on an older page: it waits for a choice.
    older = brought_back(owner.get(f"{helped}you"))
    post(owner, f"{helped}you", name="Bea", has_children="yes", how_many="1")
    chosen = owner.submit(f"{helped}you", {"-action": "next", **older, "name": "Cy"}).headers["location"]
    assert "conflict?post=" in chosen
    return _Owned(
        [helped.split("/")[2], visit.split("/")[2], sent.id],
        str(file["id"]),
        [
            chosen,
            f"{helped}children.{children[0]['id']}.remove",
            f"{helped}you?check=1&find=name",
            f"{visit}answers-pdf?files=yes",
        ],
    )


def _visitors(service: Service) -> tuple[Mapping[str, Person], Sequence[str], str]:
    """People without an account, the ways into their drafts, and the token of the link that one asked for."""
    visitor, untested = service.person(), service.person()
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    visitor.submit(f"{way}save-by-email", {"email": "pat@example.org", "word": "blue kettles"})
    link = re.search(r"/resume/([\w-]+)", service.mail("pat@example.org")[0].email.text)
    assert link is not None
    ways = [way, begun(untested, "visit", kind="home")]
    return {"a visitor": visitor, "who meets the captcha": untested}, ways, link[1]


def _at_the_door(service: Service) -> Mapping[str, Person]:
    """People in the midst of getting into an account, or of showing that they are human."""
    people = {who: service.person() for who in sorted(WITHOUT_A_DRAFT - {_AUTHOR})}
    known = people["who has just registered"]
    signing_in.register(known)
    known.submit("/account/email", {"new_email": "moved@example.org", "password": PASSWORD})
    signing_in.begin_to_register(people["who registers"], "new@example.org")
    service.clock.move(seconds=61)
    signing_in.enter_password(people["who signs in"])
    service.clock.move(seconds=61)
    people["who has forgotten"].submit("/account/forgotten", {"email": EMAIL})
    people["who proves to be human"].submit("/human-test", {"-action": "email", "email": "human@example.org"})
    return people


def _author(service: Service) -> Person:
    """Somebody who has saved a change of a form that was published once."""
    author = signed_in(service, "author@example.org", "author")
    assert author.account is not None
    copies, form = service.context.working_copies, "ask-for-help"
    for rev in (1, 2):
        seen = copies.now(form)
        assert seen is not None
        text = f"{seen.texts[seen.main]}# changed {rev} times\n"
        now = copies.save(form, {seen.main: text}, rev=seen.rev, base=seen.base, account=author.account)
        if rev == 1:
            service.context.publishing.publish(
                form, now.texts, account=author.account, reason="", rev=now.rev
            )
    return author.browser


def _filled(pattern: str, values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The addresses of a pattern. Raises KeyError for a part that the world has no rows for."""
    if pattern == "/static/{version}/{name:path}":
        yield from (f"/static/{values['version'][0]}/council.css", "/static/old/nothing.css")
        return
    parts = re.findall(r"{(\w+)}", pattern)
    for chosen in product(*(values[part] for part in parts)):
        yield pattern.format(**dict(zip(parts, chosen, strict=True)))
