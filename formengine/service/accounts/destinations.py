"""Where somebody was going who signs in first, or first shows that they are human: kept as facts of their session.

A page is named by what it is. Its address is the web's, so that none stands in a stored row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from formengine.service.budgets import TARGET_CHARACTERS


@dataclass(frozen=True, slots=True)
class PageTarget:
    """A page of the service.

    page: its name, such as ``my_forms``; of a draft such as ``menu`` or ``check_answers``, "" for the step itself.
    draft: the id of the draft that it belongs to, "" for none. step: the name of the step (`drafts.step.Step.name`).
    """

    page: str = ""
    draft: str = ""
    step: str = ""

    def facts(self, name: str = "next") -> dict[str, str]:
        """The facts by which a session remembers it; "" for what it has not, so that older ones are dropped.

        All are "" where a part has more than `TARGET_CHARACTERS`: no page of ours has, and a row is not to grow by an
        address that somebody made up.
        """
        parts = {f"{name}_{part.name}": str(getattr(self, part.name)) for part in fields(self)}
        return parts if max(map(len, parts.values())) <= TARGET_CHARACTERS else dict.fromkeys(parts, "")

    @classmethod
    def of_facts(cls, facts: Mapping[str, str], name: str = "next") -> PageTarget | None:
        """What `facts` made; None where a session remembers none of this name."""
        found = cls(**{part.name: facts.get(f"{name}_{part.name}", "") for part in fields(cls)})
        return found if found != cls() else None


# What drops a destination from a session's facts.
NOWHERE = PageTarget()
