"""The torture form filled in: every type, lists of twenty, texts of every script, what each audience must not see.

Whatever the family must not see holds `SECRET` or one of the `SECRET_LABELS`, so that a leak is found by its text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

TORTURE = Path(__file__).parents[1] / "output" / "torture" / "form.yaml"
SECRET = "Zqsecretzq"
SECRET_LABELS = (
    "A line that the family does not see",
    "The second, not for the family",
    "Several files, not for the family",
    "Worked out from what the family does not see",
    "Name they are safe under",
    "What was seen",
    "For the office",
    "Do not show this page",
)
SCRIPTS = (
    "Łukasz Żółć",
    "Ngọc Ánh",
    "Ελένη Παπαδοπούλου",
    "Олександра Щербак",
    "مرحبا بالعالم",
    "שָׁלוֹם עולם",
    "नमस्ते दुनिया",
    "தமிழ் பெயர்",
    "ਸਤ ਸ੍ਰੀ ਅਕਾਲ",
    "王小明",
    "Ann مريم O'Hara 3 (Mum)",
    "👩\u200d👧 and a family",
    "e\u0301\u0323 combining",
    "soft\u00adhyphen and no\u00a0break",
    "\ue000 private",
)
STORY = (
    "On Thursday she said that nobody had been at home since the evening before, and that she had not eaten. "
)


def file(number: int, name: str = "report.pdf") -> dict[str, Any]:
    return {"id": f"f{number}", "name": name, "type": "application/pdf", "size": number * 1234}


def torture_answers(*, long: str = STORY) -> dict[str, Any]:
    """Answers to everything, two of them to be put right; `long` stands in the texts of people."""
    return {
        "urgency": "now",
        "text": "Zoë",
        "secret": f"{SECRET} in a line",
        "long_text": "\n".join(SCRIPTS),
        "number": 12.5,
        "money": 123456,
        "date": "2026-11-22",
        "approximate": "2020-05",
        "month": "2026-10",
        "time": "14:30",
        "tick": "yes",
        "yes_no": "not_known",
        "choice": "b",
        "choices": ["a", "b", "c"],
        "email": "averyveryverylongnamewithoutanyplacetobreak.at.all@long-subdomain.example.org",
        "phone": "+442079460123",
        "postcode": "TN24 8XX",
        "nhs": "9990000018",
        "ni": "QQ123456C",
        "upn": "C886200019001",
        "url": "https://example.org/" + "a" * 200,
        "file": file(1, "A name of a file that goes on and on " * 5 + ".pdf"),
        "files": [file(2, f"{SECRET}.pdf"), file(3, f"{SECRET} 2.pdf")],
        "declared": "yes",
        "a": {"b": {"c": {"d": {"bottom": "Bottom"}, "address": {"house": "1", "town": "Sampleford"}}}},
        "people": [
            {
                "id": f"p{number}",
                "name": SCRIPTS[number % len(SCRIPTS)],
                "alias": f"{SECRET}{number}",
                "story": long * (number % 4),
                "home": {"house": f"{SECRET} House", "postcode": "TN24 8XX"},
            }
            for number in range(20)
        ],
        "contacts": [
            {"id": f"c{n}", "name": f"Contact {n}", "number": "02079460123", "about": f"{SECRET} {n}"}
            for n in range(20)
        ],
        "visits": [{"id": "v1", "day": "2026-11-01", "seen": f"{SECRET} was seen"}],
        "pointed": ["people/p1", "contacts/c19"],
        "office_note": f"{SECRET} for the office",
        "sure": "yes",
    }


def sent_torture_answers() -> dict[str, Any]:
    """The same, ready to be sent."""
    return {**torture_answers(), "number": 12, "ni": ""}
