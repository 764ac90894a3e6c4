"""What is gathered while a folder is written: who is at which browser, and what a later main must find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.upgrade.acting import WORD, id_in
from tests.upgrade.opening import Opened, Person
from tests.upgrade.steps import Step

NOTIFICATION = "early-help-notification"
REQUEST = "request-for-support"
HELP = "ask-for-help"


def person(first_name: str, last_name: str, password: str) -> dict[str, Any]:
    """What an invented person registers with."""
    email = f"{first_name}.{last_name}@example.com".lower()
    return {"email": email, "first_name": first_name, "last_name": last_name, "password": password}


@dataclass
class Told:
    """What `expected.json` will say, gathered on the way. browsers: their cookies, by name."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    browsers: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    submissions: dict[str, dict[str, Any]] = field(default_factory=dict)
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    addresses: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)

    def draft(
        self,
        name: str,
        way: str,
        *,
        browser: str,
        rest: tuple[Step, ...] = (),
        shows: Mapping[str, list[str]] | None = None,
        **more: Any,
    ) -> None:
        """A draft that is open. rest: the pages that are left until it is sent. shows: words on pages, by address."""
        self.drafts[name] = {
            "way": way, "browser": browser, "rest": [step.to_json() for step in rest], "shows": dict(shows or {}),
            **more,
        }  # fmt: skip

    def address(
        self, path: str, *, browser: str = "", phrase: str = "", status: int = 200, location: str = ""
    ) -> None:
        """An address that was mailed, printed or bookmarked, with what it answers whom. browser: "" for anybody."""
        self.addresses.append(
            {"path": path, "browser": browser, "status": status, "phrase": phrase, "location": location}
        )


@dataclass
class Writing:
    """A folder that is being written: the people's browsers by name, and what is told of it."""

    folder: Path
    told: Told = field(default_factory=Told)
    browsers: dict[str, Person] = field(default_factory=dict)

    def browser(self, service: Opened, name: str) -> Person:
        """The browser of this name, on the service that runs now."""
        if name not in self.browsers or self.browsers[name].service is not service.service:
            self.browsers[name] = service.browser(self.told.browsers.get(name, ""))
            self.browsers[name].headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"
        return self.browsers[name]

    def link(self, service: Opened, browser: Person, way: str, email: str) -> str:
        """The address of ours in the e-mail that leads back to a visitor's draft."""
        assert (
            browser.submit(f"{way}save-by-email", {"email": email, "word": WORD}).headers["location"]
            == f"{way}link-sent"
        )
        link = next(path for path in service.mail(email)[0].paths if path.startswith("/resume/"))
        self.told.address(link, phrase="Ask for help")
        return link

    def sent(self, name: str, service: Opened, way: str, *, browser: str) -> None:
        """A submission, with the receipt at whose browser it is."""
        reference = service.reference_of(id_in(way))
        self.told.submissions[name] = {"reference": reference, "way": way, "browser": browser}
        if browser:
            self.told.address(f"{way}sent", browser=browser, phrase=reference)
            self.told.address(way, browser=browser, status=303, location=f"{way}sent")
            self.told.address(f"{way}answers-pdf", browser=browser)
        self.told.address(f"{way}sent", status=303, location="/account/sign-in")
