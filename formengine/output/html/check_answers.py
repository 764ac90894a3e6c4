"""All answers on one page, each with a link to change it.

The templates are cut at what differs between people: a row at its answer, a card at its rows, a page at its parts. The
pieces are the same for everybody, and what goes between them is escaped. What differs for this person beyond the
answer, such as an error or a label with an answer in it, is drawn each time by the same templates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import escape

from formengine.output.html.answers import AnswerRow, ItemAnswers, ListAnswers, PageAnswers, RowsAnswers
from formengine.output.html.links import Links
from formengine.output.html.partial_cache import PartialCache, joined

# Answers of more texts than this are drawn each time.
_TEXTS = 20
_NAMES = tuple(f"text {turn}" for turn in range(_TEXTS))
_BETWEEN = "\n  "


@dataclass(frozen=True, slots=True)
class CheckAnswers:
    """Draws answers to be checked; with `show_errors` what is wrong stands beside them.

    changes: whether each answer has a link to change it; one cache of fragments serves one of the two. name: what ids
    begin with, for documents that hold answers several times. change_query: what the links add to a page's
    address.
    """

    fragments: PartialCache
    links: Links
    show_errors: bool
    changes: bool = True
    name: str = "answers"
    change_query: str = ""

    def pages(self, answers: Sequence[PageAnswers]) -> str:
        """The HTML of all pages, "" for none."""
        return "\n".join([self._page(page) for page in answers])

    def _page(self, page: PageAnswers) -> str:
        insides = {f"inside {turn}": self._inside(page, part) for turn, part in enumerate(page.parts)}

        def draw(html: Mapping[str, str]) -> str:
            # What is empty stays so: the template says it in other words.
            return self._draw_page(page, [there and html[name] for name, there in insides.items()])

        errors = [self.show_errors and isinstance(part, ListAnswers) and part.error for part in page.parts]
        if not page.plain or any(errors) or not all(part.plain for part in page.parts):
            return draw({name: joined([inside]) for name, inside in insides.items()})
        labels = tuple(part.label for part in page.parts)
        return self.fragments.filled(
            ("answers", self.name, self.change_query, page.id, labels, *map(bool, insides.values())),
            insides,
            draw,
        )

    def _draw_page(self, page: PageAnswers, insides: Sequence[str]) -> str:
        """The page around the HTML inside its parts."""
        parts: list[dict[str, object]] = []
        for part, inside in zip(page.parts, insides, strict=True):
            facts: dict[str, object] = {"label": part.label, "inside": inside, "is_list": False}
            if isinstance(part, ListAnswers):
                error = part.error if self.show_errors else None
                facts |= {"is_list": True, "path": part.path, "item_name": part.item_name, "error": error}
            parts.append(facts)
        return self.fragments.draw(
            "answers/page.html",
            page=page,
            parts=parts,
            links=self.links,
            changes=self.changes,
            name=self.name,
            change_query=self.change_query,
        )

    def _inside(self, page: PageAnswers, part: RowsAnswers | ListAnswers) -> str:
        """The rows, or the cards of a list."""
        if isinstance(part, RowsAnswers):
            href, whose = escape(f"{self.links.page(page.id)}{self.change_query}"), _whose(part.label)
            return _BETWEEN.join([self._row(row, href, whose) for row in part.rows])
        return _BETWEEN.join([self._card(page, part, item) for item in part.items])

    def _card(self, page: PageAnswers, part: ListAnswers, item: ItemAnswers) -> str:
        def href(item_page: str) -> str:
            in_table = part.layout == "table"
            to = self.links.page(page.id) if in_table else self.links.item(part.path, item.id, item_page)
            return escape(f"{to}{self.change_query}")

        hrefs, whose = {each: href(each) for each in set(item.row_pages)}, _whose(item.title)
        rows = _BETWEEN.join(
            [
                self._row(row, hrefs[item_page], whose)
                for row, item_page in zip(item.rows, item.row_pages, strict=True)
            ]
        )

        def draw(html: Mapping[str, str]) -> str:
            return self.fragments.draw("answers/card.html", title=html["title"], rows=rows and html["rows"])

        return self.fragments.filled(
            ("card", bool(rows)), {"title": _escaped(item.title), "rows": rows}, draw
        )

    def _row(self, row: AnswerRow, href: str, whose: str) -> str:
        """One row; `href` is the address of the page that asks, `whose` what `_whose` returns, both as HTML."""
        error = row.error if self.show_errors else None
        # Nothing in an id or a key needs escaping.
        html = {"answer": self._answer(row), "to": f"{href}#{row.control}", "whose": whose}
        changes = self.changes and bool(row.control)

        def draw(html: Mapping[str, str]) -> str:
            return self.fragments.draw(
                "answers/row.html", label=row.label, changes=changes, error=error, **html
            )

        if error is not None or not row.question:
            return draw({name: joined([piece]) for name, piece in html.items()})
        return self.fragments.filled(("row", row.question, changes), html, draw)

    def _answer(self, row: AnswerRow) -> str:
        number = len(row.texts)
        if number > _TEXTS:
            return self.fragments.draw("answers/texts.html", row=row)
        names = _NAMES[:number]
        html = dict(zip(names, map(_escaped, row.texts), strict=True))
        if not number:
            html["otherwise"] = _escaped(row.otherwise)
        if row.shape == "link":
            html["href"] = _escaped(row.href)

        def draw(html: Mapping[str, str]) -> str:
            texts = [html[name] for name in names]
            return self.fragments.draw("answers/texts.html", row={**html, "shape": row.shape, "texts": texts})

        return self.fragments.filled(("texts", row.shape, number), html, draw)


def _whose(title: str) -> str:
    """Which of several questions of the same name a link is about, for those who hear it alone; as HTML."""
    return f" ({escape(title)})" if title else ""


def _escaped(text: str) -> str:
    # Letters and figures need no escaping, and many answers are nothing else.
    return text if text.isalnum() else escape(text)
