"""What an author may write in a portal file; see `keys`."""

from __future__ import annotations

from formengine.language.fields.base import Key
from formengine.language.loader.keys import BASIS, structure

_BASIS = Key("basis", "one_of", "How surely this is known.", choices=BASIS)
_SOURCE_TEXT = Key(
    "source_text", "text", "The words of the original where the portal shows others. Not shown."
)
_ABOUT = (_BASIS, _SOURCE_TEXT)
_ID = Key("id", "special", "A name in small letters, figures, underscores. Never shown.", required=True)
_TITLE = Key("title", "text", "The heading.", required=True)
_TEXT = Key("text", "markdown", "What it says.", required=True)
_NEXT = Key("next", "text", "The words that lead on.", required=True)
_STRAPLINE = Key("strapline", "text", "The line below the title.")
DESTINATIONS = (
    Key("form", "text", "The id of the form it opens."),
    Key("page", "text", "The id of the page of text it opens, one of `pages:` below."),
    Key("link", "special", "The address it opens; begins with `https://`."),
)

PORTAL = structure(
    "portal",
    "a portal",
    "The way to the forms: what people read before page 1.",
    Key("portal", "special", "The portal's name, such as `childrens-services`.", required=True),
    Key("title", "text", "What the portal is called on every page.", required=True),
    _STRAPLINE,
    Key("council", "special", "Who runs it.", required=True),
    Key("banner", "text", "What is said on every page."),
    Key("danger", "special", "Telephone numbers for danger, most urgent first.", required=True),
    Key("contacts", "special", "Other ways to reach people."),
    Key("front_door", "special", "The first page: whom the portal is for."),
    Key("gateway", "special", "The page before the hub, and what to do when the portal cannot be used."),
    Key("hub", "special", "The tiles to choose from.", required=True),
    Key("urgent_advice", "special", "What is said after “Urgent” was chosen, above the numbers for danger."),
    Key("human_test", "special", "The words around the test for being human."),
    Key("sign_in", "special", "The words around signing in."),
    Key("pages", "special", "Pages of text."),
    *_ABOUT,
)
COUNCIL = structure(
    "council",
    "`council`",
    "Who runs the portal.",
    Key("name", "text", "The council's name.", required=True),
    Key("website", "special", "The council's website; begins with `https://`.", required=True),
    *_ABOUT,
)
DANGER = structure(
    "danger",
    "a number for danger",
    "Whom to call in danger.",
    _ID,
    Key("label", "text", "Who answers.", required=True),
    Key("telephone", "special", 'The number, in quotes if it is short: `"999"`.', required=True),
    Key("situation", "text", "When to call it.", required=True),
    *_ABOUT,
)
CONTACT = structure(
    "contact",
    "a contact",
    "A way to reach people.",
    _ID,
    Key("label", "text", "Who it is.", required=True),
    Key("telephone", "special", "The number."),
    Key("email", "special", "The e-mail address that people see."),
    Key("link", "special", "An address that begins with `https://`."),
    Key(
        "mailbox",
        "text",
        "The name under which the service's configuration holds the address mail is sent to.",
    ),
    *_ABOUT,
)
FRONT_DOOR = structure("front_door", "`front_door`", "The first page.", _TITLE, _TEXT, _NEXT, *_ABOUT)
URGENT_ADVICE = structure(
    "urgent_advice",
    "`urgent_advice`",
    "What is said after “Urgent” was chosen.",
    _TITLE,
    _TEXT,
    _NEXT,
    *_ABOUT,
)
GATEWAY = structure(
    "gateway",
    "`gateway`",
    "The page before the hub.",
    _TITLE,
    _TEXT,
    _NEXT,
    Key("fallback", "special", "What to do when the portal cannot be used."),
    *_ABOUT,
)
FALLBACK = structure(
    "fallback",
    "`fallback`",
    "What to do when the portal cannot be used.",
    _TEXT,
    Key("contact", "special", "The id of the contact to use, one of `contacts:`.", required=True),
    *_ABOUT,
)
HUB = structure(
    "hub",
    "`hub`",
    "The tiles to choose from.",
    _TITLE,
    _STRAPLINE,
    Key("tiles", "special", "The tiles in order.", required=True),
    *_ABOUT,
)
TILE = structure(
    "tile", "a tile", "One thing to choose on the hub.", _ID, _TITLE, _STRAPLINE, *DESTINATIONS, *_ABOUT
)
HUMAN_TEST = structure(
    "human_test",
    "`human_test`",
    "The words around the test for being human.",
    _TITLE,
    Key("question", "text", "What is asked.", required=True),
    Key("why", "markdown", "Why there is a test.", required=True),
    *_ABOUT,
)
SIGN_IN = structure(
    "sign_in",
    "`sign_in`",
    "The words around signing in.",
    Key("gate", "special", "On the page from which a form asks people to sign in.", required=True),
    Key("step_1", "special", "E-mail address and password.", required=True),
    Key("step_2", "special", "The code sent by e-mail.", required=True),
    *_ABOUT,
)
GATE = structure(
    "gate", "`gate`", "On the page from which a form asks people to sign in.", _TEXT, _NEXT, *_ABOUT
)
STEP_1 = structure(
    "step_1",
    "`step_1`",
    "E-mail address and password.",
    _TITLE,
    _TEXT,
    Key("register", "text", "The words that lead to a new account.", required=True),
    *_ABOUT,
)
STEP_2 = structure(
    "step_2",
    "`step_2`",
    "The code sent by e-mail.",
    _TITLE,
    _TEXT,
    Key("prompt", "text", "What is asked for.", required=True),
    Key("new_code", "text", "The words that ask for another code.", required=True),
    *_ABOUT,
)
TEXT_PAGE = structure(
    "text_page",
    "a page of text",
    "A page to read.",
    _ID,
    _TITLE,
    _TEXT,
    Key("links", "special", "Where to go on, each a `label` and a form, page or link."),
    *_ABOUT,
)
LINK = structure(
    "link",
    "a link",
    "Where to go on.",
    Key("label", "text", "The words of the link.", required=True),
    *DESTINATIONS,
    *_ABOUT,
)
