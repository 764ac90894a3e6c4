"""One tiny form for each feature of the language and each field type, with the answers that show it.

A folder is a feature: `form.yaml` and `cases.yaml`. A case has a `claim` and `answers`; what is not written is expected
to be the usual: every page shown, nothing wrong, every answer counted.

    on       the day, for the file or one case; 2026-11-22 without it
    pages    the ids of the pages that are shown
    errors   what is wrong, in words, by answer path, in reading order
    warnings what is advised, likewise
    counted  the answers that count
    texts    texts that stand on the pages; absent: texts that do not
    urgent, route, codes   of the submission
    schema   "accepts" where answers are wrong only by a rule that stands under x-check

Beside the cases, `findings` lists the codes of the advice that the form shows on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.language.json_types import Json

HERE = Path(__file__).parent
USUAL_DAY = "2026-11-22"


class _CoreLoader(yaml.SafeLoader):
    """YAML 1.2 core: days stay texts, and only true and false are booleans."""


_CoreLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_CoreLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


@dataclass(frozen=True)
class Case:
    """What one set of answers makes of a feature's form."""

    feature: str
    claim: str
    on: date
    answers: Json
    said: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.feature}: {self.claim}"

    @property
    def form(self) -> Form:
        return form_of(self.feature)

    @property
    def pages(self) -> list[str]:
        return list(self.said.get("pages", [page.id for page in self.form.every_page]))

    @property
    def errors(self) -> dict[str, str]:
        return dict(self.said.get("errors", {}))

    @property
    def warnings(self) -> dict[str, str]:
        return dict(self.said.get("warnings", {}))

    @property
    def counted(self) -> Json:
        counted: Json = self.said.get("counted", self.answers)
        return counted

    @property
    def schema_accepts(self) -> bool:
        return bool(self.said.get("schema", "refuses" if self.errors else "accepts") == "accepts")


_KEYS = {
    "claim",
    "on",
    "answers",
    "pages",
    "errors",
    "warnings",
    "counted",
    "texts",
    "absent",
    "urgent",
    "route",
    "codes",
    "schema",
}


def features() -> list[str]:
    """The names of all features, such as ``missing`` and ``types/date``."""
    return sorted(str(path.parent.relative_to(HERE)) for path in HERE.rglob("form.yaml"))


def path_of(feature: str) -> Path:
    """The feature's form."""
    return HERE / feature / "form.yaml"


@cache
def form_of(feature: str) -> Form:
    """The compiled form of a feature."""
    return Engine().form(path_of(feature))


@cache
def _said(feature: str) -> Mapping[str, Any]:
    text = (HERE / feature / "cases.yaml").read_text(encoding="utf-8")
    said: Mapping[str, Any] = yaml.load(text, Loader=_CoreLoader)  # noqa: S506 (a SafeLoader)
    return said


def advice(feature: str) -> list[str]:
    """The codes of what is advised about a feature's form, each once."""
    return sorted(_said(feature).get("findings", ()))


def cases(feature: str) -> Iterator[Case]:
    """The cases of one feature."""
    said = _said(feature)
    for case in said["cases"]:
        assert set(case) <= _KEYS, (feature, set(case) - _KEYS)
        on = date.fromisoformat(case.get("on", said.get("on", USUAL_DAY)))
        yield Case(feature, case["claim"], on, case["answers"], case)


def every_case() -> list[Case]:
    """The cases of all features."""
    return [case for feature in features() for case in cases(feature)]
