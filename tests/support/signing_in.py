"""Getting into an account in tests, step by step as a person does."""

from __future__ import annotations

import httpx2

from tests.support.service_app import Person

EMAIL = "alex.morgan@example.org"
PASSWORD = "three blue kettles"
NAME = {"first_name": "Alex", "last_name": "Morgan"}


def begin_to_register(person: Person, email: str = EMAIL, password: str = PASSWORD) -> httpx2.Response:
    """The answer to the last page of registering: on to the code."""
    texts = {**NAME, "step": "account", "email": email, "new_password": password, "confirm": password}
    return person.submit("/account/register", texts)


def register(person: Person, email: str = EMAIL, password: str = PASSWORD) -> httpx2.Response:
    """The answer to the code; `person` has an account and is signed in."""
    begun = begin_to_register(person, email, password)
    assert begun.headers["location"] == "/account/register/code"
    done = person.submit("/account/register/code", {"code": person.service.code(email)})
    assert done.headers["location"] == "/account/register/done"
    return done


def enter_password(person: Person, email: str = EMAIL, password: str = PASSWORD) -> httpx2.Response:
    """The answer to the first step of signing in."""
    return person.submit("/account/sign-in", {"email": email, "password": password})


def sign_in(person: Person, email: str = EMAIL, password: str = PASSWORD) -> httpx2.Response:
    """The answer to the second step; `person` is signed in."""
    begun = enter_password(person, email, password)
    assert begun.headers["location"] == "/account/code"
    done = person.submit("/account/code", {"code": person.service.code(email)})
    assert done.status_code == 303
    return done
