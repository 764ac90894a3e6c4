"""What an author may write in a process; see `keys`."""

from __future__ import annotations

from formengine.language.fields.base import Key
from formengine.language.loader.keys import BASIS, structure

_BASIS = Key("basis", "one_of", "How surely this is known.", choices=BASIS)
_ID = Key("id", "special", "A name in small letters, figures, underscores. Never shown.", required=True)

PROCESS = structure(
    "process",
    "a process",
    "What becomes of a form after it was sent. It stands in `process.yaml` beside `form.yaml`.",
    Key("process", "special", "The id of the form it belongs to.", required=True),
    Key("title", "text", "The name of the team or service that staff read.", required=True),
    Key(
        "version",
        "text",
        "Your own version. A case stays with the version that it began with.",
        required=True,
    ),
    Key("calendar", "one_of", "Whose bank holidays count.", required=True, choices=("england",)),
    Key("hours", "special", "The hours of a working day, such as `09:00 to 17:00`.", required=True),
    Key(
        "mailboxes",
        "special",
        "Who is told of a form that was sent. The first that fits gets it.",
        required=True,
    ),
    Key("roles", "special", "Who works on it, as `id: name` line by line.", required=True),
    Key("starts_at", "special", "The id of the first stage.", required=True),
    Key("stages", "special", "The stages in order.", required=True),
    Key("outcomes", "special", "How a case can end, by id.", required=True),
    Key("letters", "special", "The e-mails to whoever sent the form, by id.", required=True),
    Key(
        "contact", "text", "Whom to talk to in disagreement; letters name it as `((contact))`.", required=True
    ),
    _BASIS,
    Key("source", "text", "Where this comes from. Not shown."),
)
MAILBOX = structure(
    "process_mailbox",
    "a mailbox",
    "Who is told. The address stands in the service's configuration, under the mailbox's id.",
    _ID,
    Key("title", "text", "What staff and whoever sent the form read: “delivered to …”.", required=True),
    Key("for", "words", "The answers to the form's `route_by` that it takes; left out: all."),
    Key(
        "takes",
        "one_of",
        "`urgent` or `standard`: only such forms. `alarms`: not forms, but that one was not delivered. "
        "Left out: urgent and standard.",
        choices=("urgent", "standard", "alarms"),
    ),
    _BASIS,
)
STAGE = structure(
    "stage",
    "a stage",
    "Where a case stands, and how it goes on.",
    _ID,
    Key("title", "text", "What staff read.", required=True),
    Key("notifier_sees", "text", "What whoever sent the form reads meanwhile.", required=True),
    Key("by", "special", "The role whose work it is, one of `roles:`.", required=True),
    Key("deadline", "special", "How long it may take, such as `2 working days`.", required=True),
    Key("urgent_deadline", "special", "The same for an urgent form; left out: as `deadline`."),
    Key("fields", "special", "What staff are asked, as the questions of a form."),
    Key("moves", "special", "How it goes on.", required=True),
    _BASIS,
)
WAITING = structure(
    "waiting",
    "a stage that waits",
    "A question to whoever sent the form. It ends with the answer, or when the time is over.",
    *(STAGE.keys[name] for name in ("id", "title", "notifier_sees")),
    Key("waits_for", "one_of", "Whose answer is waited for.", required=True, choices=("notifier",)),
    Key("asks", "special", "The id of the question in which staff wrote what they ask.", required=True),
    *(STAGE.keys[name] for name in ("deadline", "urgent_deadline")),
    Key("on_answer", "special", "The id of the stage that follows the answer.", required=True),
    Key(
        "when_late",
        "special",
        "The id of the stage that follows when nobody has answered in time.",
        required=True,
    ),
    _BASIS,
)
MOVE = structure(
    "move",
    "a move",
    "A way on from a stage.",
    _ID,
    Key("label", "text", "The words of the button.", required=True),
    Key("when", "expression", "When it can be chosen, over the stage's answers; left out: always."),
    Key("to", "special", "The id of the stage that follows."),
    Key("ends", "special", "In place of `to`: the outcome with which the case ends."),
    Key("reason", "boolean", "`true`: a reason must be typed."),
    Key("letter", "special", "The letter that goes out, one of `letters:`. An outcome has its own."),
)
OUTCOME = structure(
    "outcome",
    "an outcome",
    "How a case can end.",
    Key("label", "text", "What people read.", required=True),
    Key("letter", "special", "The letter that goes out, one of `letters:`.", required=True),
)
LETTER = structure(
    "letter",
    "a letter",
    "An e-mail to whoever sent the form. It names no person and no answer.",
    Key("subject", "text", "The subject.", required=True),
    Key(
        "text",
        "special",
        "The text. It may name `((reference))`, `((form))`, `((outcome))`, `((contact))` and `((link))`.",
        required=True,
    ),
)
