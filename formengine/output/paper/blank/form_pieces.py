"""A form as pieces of paper: every page, question, condition and list of it, whoever may be asked what.

No answers are needed. A question whose condition hangs on an answer stands there with a note of when to fill it in;
lists of items have some blocks and words on how to go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from formengine.form.plan import Condition, Field, Form, Group, Node, Note, Page, Repeat, Section, scope_name
from formengine.language import content
from formengine.language.expressions import Insert
from formengine.language.fields.base import Option as FieldOption
from formengine.language.words import Wording
from formengine.output.paper.blank.answer_space import space_of
from formengine.output.paper.blank.columns import ROWS_A_BLOCK, column_fields, fits_a_table, lettered
from formengine.output.paper.blank.issuer import BLOCKS
from formengine.output.paper.blank.pieces import (
    BlankPiece,
    FromList,
    Nothing,
    PaperQuestion,
    QuestionTable,
    TickOption,
    Ticks,
)
from formengine.output.paper.blank.routing_notes import (
    NOT_TICKED,
    TICKED,
    Routing,
    numbers_in,
    same_condition,
)
from formengine.output.paper.prose import flow, prose, with_addresses
from formengine.output.paper.tagged.blocks import (
    FlowBlock,
    PaperCallout,
    PaperHeading,
    PaperParagraph,
    ParagraphKind,
    StyledRun,
    Tone,
    flow_blocks,
    runs,
)

DEEPEST_HEADING = 6
# A list of more options stands once at the end where it is wanted more than once; in its place up to the second.
FEW_OPTIONS, MANY_OPTIONS = 8, 24
_Labels = tuple[tuple[str, str], ...]
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class _Place:
    """The position of a node: its texts' scope, how its fields' names begin, the heading above, whose item it is."""

    scope: str = ""
    prefix: str = ""
    title: str = ""
    about: str = ""


@dataclass(slots=True)
class BlankForm:
    """The pieces of one form's pages. `lists_used` are the lists that stand at the end, in order of their letters.

    tables: whether there is room for tables of questions; else every list has blocks.
    """

    form: Form
    wording: Wording
    blocks: int = BLOCKS
    fillable: bool = False
    tables: bool = True
    routing: Routing = field(init=False)
    lists_used: list[tuple[TickOption, ...]] = field(init=False, default_factory=list)
    _shared: frozenset[_Labels] = field(init=False)
    _tabled: dict[str, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.routing = Routing(self.form)
        self._shared = frozenset(_shared_lists(self.form))

    def say(self, key: str, **facts: object) -> str:
        """The words of the blank form."""
        return self.wording.text(f"blank.{key}", **facts)

    # --- pages and what stands on them -------------------------------------------------------------------

    def pages(self) -> Iterator[BlankPiece]:
        """Every page in order, the start page and the page of sending among them; what helps on screen is left out."""
        for page in self.form.every_page:
            yield from self._page(page, 2, _Place())

    def lists(self) -> Iterator[BlankPiece]:
        """The lists to choose from that questions name by letter."""
        if self.lists_used:
            yield PaperHeading(self.say("lists"), 2)
        for letter, options in zip(_LETTERS, self.lists_used, strict=False):
            yield PaperHeading(self.say("list", letter=letter), 3)
            yield PaperQuestion("", "", Ticks(options, boxed=False))

    def _page(self, page: Page, level: int, place: _Place) -> Iterator[BlankPiece]:
        if page.spec.screen_only:
            return
        title = self._title(page, place)
        inside = _Place(place.scope, place.prefix, title, place.about)
        intro = self._prose(page.intro, place.scope)
        if page.spec.stop:
            clause = self.routing.clause(page.show_if.expr) if page.show_if is not None else ""
            lead = PaperParagraph(StyledRun(title, bold=True))
            content = (lead, *flow(with_addresses(self._filled(page.intro, place.scope))))
            yield PaperCallout(
                content, title=self.wording.text("routing.stop", condition=clause), tone=Tone.WARNING
            )
            return
        body = [*intro, *self._nodes(page.nodes, min(level + 1, DEEPEST_HEADING), inside)]
        if not body:
            return
        yield PaperHeading(title, level)
        if page.show_if is not None:
            yield self._note(page.show_if, page.nodes)
        yield from body

    def _title(self, page: Page, place: _Place) -> str:
        """The page's title; what it is where the document has that title already."""
        if page is self.form.start and page.title == self.form.title:
            return self.wording.text("paper.start")
        title = self._text(page.title, place.scope)
        return title if title != self.form.title else self.say("guidance")

    def _note(self, condition: Condition, nodes: Sequence[Node]) -> PaperParagraph:
        words = self.routing.only_if(condition, nodes)
        return PaperParagraph(StyledRun(words, bold=True, emphasis=True), keep_with_next=True)

    def _nodes(self, nodes: Sequence[Node], level: int, place: _Place) -> Iterator[BlankPiece]:
        headed = False
        for condition, run in same_condition([node for node in nodes if not node.spec.screen_only]):
            heads = any(
                isinstance(node, Section | Group | Repeat) and not _is_composite(node) for node in run
            )
            if headed and not heads:
                # Without a heading this would be read as part of what stands above it.
                yield PaperHeading(self.wording.text("paper.more", label=place.title), level)
            headed = heads
            if (
                condition is not None
                and not heads
                and not isinstance(run[0], Note)
                and not self.routing.said_by_jump(condition, run)
            ):
                yield self._note(condition, run)
            for node in run:
                yield from self._node(node, level, place)

    def _node(self, node: Node, level: int, place: _Place) -> Iterator[BlankPiece]:
        match node:
            case Field():
                if node.calculation is None:
                    yield self._question(node, place)
            case Note():
                yield from self._text_piece(node, place)
            case Group() if node.spec.composite is not None:
                yield from self._composite(node, level, place)
            case Section() | Group() | Repeat():
                yield from self._headed(node, level, place)

    def _headed(self, node: Section | Group | Repeat, level: int, place: _Place) -> Iterator[BlankPiece]:
        scope = place.scope
        if isinstance(node, Group):
            scope = scope_name(node.repeat, node.key)
        label = self._text(node.spec.label, scope)
        again = label.strip().casefold() == place.title.strip().casefold()
        inside = level if again else min(level + 1, DEEPEST_HEADING)
        if not again:
            yield PaperHeading(label, level)
        if node.show_if is not None and not self.routing.said_by_jump(node.show_if, [node]):
            yield self._note(node.show_if, [node])
        yield from self._prose(node.spec.intro, scope)
        if isinstance(node, Repeat):
            yield from self._items(node, inside)
        else:
            yield from self._nodes(node.nodes, inside, _Place(scope, place.prefix, label, place.about))

    def _text_piece(self, node: Note, place: _Place) -> Iterator[BlankPiece]:
        """A note; one with a condition says first when it applies."""
        blocks = with_addresses(self._filled(node.spec.text, place.scope))
        when = None
        if node.show_if is not None:
            when = self.wording.text("routing.text", condition=self.routing.clause(node.show_if.expr))
        if node.spec.style != "plain":
            tone = Tone.WARNING if node.spec.style == "warning" else Tone.NOTE
            yield PaperCallout(flow(blocks), title=when, tone=tone)
            return
        if when is not None:
            yield PaperParagraph(StyledRun(when, bold=True, emphasis=True), keep_with_next=True)
        yield from prose(blocks)

    def _composite(self, node: Group, level: int, place: _Place) -> Iterator[BlankPiece]:
        """A group with fixed fields: its label with the number, then its parts with letters."""
        scope = scope_name(node.repeat, node.key)
        number = self.routing.numbers[node.repeat, node.key]
        hint = flow(with_addresses(self._filled(node.spec.intro, scope)))
        label = self._text(node.spec.label, scope)
        yield PaperQuestion(number, label, Nothing(), hint=hint, about=place.about)
        about = ", ".join(part for part in (place.about, label) if part)
        yield from self._nodes(node.nodes, level, _Place(scope, place.prefix, place.title, about))

    # --- lists of items ----------------------------------------------------------------------------------

    def blocks_of(self, repeat: Repeat) -> int:
        """How many blocks, or rows of a table, paper has for the items of a list."""
        spec = repeat.spec
        wanted = max(self.blocks * (ROWS_A_BLOCK if self.is_table(repeat) else 1), spec.min_items)
        return wanted if spec.max_items is None else min(wanted, max(1, spec.max_items))

    def is_table(self, repeat: Repeat) -> bool:
        """Whether a list stands on paper as a table."""
        if repeat.key not in self._tabled:
            place = _Place(scope_name(repeat.key, ""), f"{repeat.key}.1.")
            asked = [self._question(one, place) for one in column_fields(repeat)] if self.tables else []
            self._tabled[repeat.key] = fits_a_table(asked)
        return self._tabled[repeat.key]

    def _table(self, node: Repeat) -> Iterator[BlankPiece]:
        """What helps with the columns, and the table with a row an item."""
        scope = scope_name(node.key, "")
        rows = []
        for number in range(1, self.blocks_of(node) + 1):
            place = _Place(scope, f"{node.key}.{number}.", about=self._item_name(node, number))
            rows.append(tuple(self._question(one, place) for one in column_fields(node)))
        for question in rows[0]:
            yield from self._column_helps(question)
        yield QuestionTable(tuple(rows), self.say("row_number"))

    def _column_helps(self, question: PaperQuestion) -> Iterator[BlankPiece]:
        """A column's hints and what its letters stand for, under its number: its head has room for the label alone."""
        helps: list[StyledRun] = []
        blocks: list[FlowBlock] = []
        for block in flow_blocks(question.hint):
            if isinstance(block, PaperParagraph):
                helps += [*([StyledRun(" ")] if helps else []), *_ended(runs(block.text))]
            else:
                blocks.append(block)
        marked = [
            self.say("letter", letter=mark, label=_hinted(option))
            for mark, option in lettered(question.space)
        ]
        if marked:
            helps.append(StyledRun(f"{' ' if helps else ''}{'; '.join(marked)}"))
        if helps or blocks:
            label = StyledRun(f"{question.number}. {question.label}: ", bold=True)
            yield PaperParagraph((label, *helps), kind=ParagraphKind.SMALL, keep_with_next=True)
            yield from blocks

    def _items(self, node: Repeat, level: int) -> Iterator[BlankPiece]:
        if self.is_table(node):
            yield from self._table(node)
            yield PaperParagraph(self._more_items(node), kind=ParagraphKind.MUTED)
            return
        inside = min(level + 1, DEEPEST_HEADING)
        scope = scope_name(node.key, "")
        for number in range(1, self.blocks_of(node) + 1):
            title = self._item_name(node, number)
            place = _Place(scope, f"{node.key}.{number}.", title, title)
            yield PaperHeading(title, level)
            if node.pages:
                for page in node.pages:
                    yield from self._page(page, inside, place)
            else:
                yield from self._nodes(node.nodes, inside, place)
        yield PaperParagraph(self._more_items(node), kind=ParagraphKind.MUTED)

    def _item_name(self, node: Repeat, number: int) -> str:
        words = self.say("item", item_name=node.spec.item_name, number=str(number))
        return words[:1].upper() + words[1:]

    def _more_items(self, node: Repeat) -> str:
        blocks, most = self.blocks_of(node), node.spec.max_items
        if most is not None and most <= blocks:
            return self.say("no_more_items", blocks=blocks)
        first, last = self._range(node)
        words = self.say(
            "more_items",
            blocks=blocks,
            item_name=node.spec.item_name.capitalize(),
            next=str(blocks + 1),
            first=first,
            last=last,
        )
        return words if most is None else f"{words} {self.say('most_items', max_items=most)}"

    def _range(self, node: Repeat | Group) -> tuple[str, str]:
        """The first and the last number in it, each "" where it asks nothing."""
        numbers = list(numbers_in(node.nodes, self.routing.numbers))
        return (numbers[0], numbers[-1]) if numbers else ("", "")

    # --- questions ---------------------------------------------------------------------------------------

    def _question(self, node: Field, place: _Place) -> PaperQuestion:
        settings = node.spec.settings
        options = self._options(node)
        space = space_of(node, options, self.wording, self._list_words(node, options))
        words = self._helps(node, space)
        hint = (
            *(PaperParagraph(text, kind=ParagraphKind.SMALL) for text in words),
            *flow(with_addresses(self._filled(node.spec.hint, node.scope))),
        )
        return PaperQuestion(
            number=self.routing.numbers.get((node.repeat, node.key), ""),
            label=self._text(settings.label, node.scope),
            space=space,
            mark=self._mark(node),
            hint=hint[len(words) :] + hint[: len(words)],
            notes=tuple(self._notes(node, space)),
            name=f"{place.prefix}{node.key}" if node.holds_answer and not _is_upload(node) else "",
            about=place.about,
        )

    def _mark(self, node: Field) -> str:
        if self.form.definition.presentation.required_mark == "asterisk":
            return self.say("mark_mandatory") if node.spec.required else ""
        tick = node.spec.type.paper_space(node.spec.settings).shape == "tick"
        if node.spec.required or tick or not node.holds_answer or node.spec.required_if is not None:
            return ""
        return self.say("mark_optional")

    def _helps(self, node: Field, space: object) -> list[str]:
        """What to do with the pen, where the room alone does not say it."""
        if _is_upload(node):
            return [self.say("attach")]
        if isinstance(space, FromList):
            return [space.words]
        if isinstance(space, Ticks) and space.several:
            return [self.say("several")]
        if isinstance(space, Ticks) and len(space.options) > 2:
            return [self.say("one")]
        if node.spec.type.paper_space(node.spec.settings).facts.get("approximate"):
            return [self.say("approximate")]
        return []

    def _notes(self, node: Field, space: object) -> Iterator[str]:
        """When it must be answered, and where to go next as far as that does not stand beside the options."""
        if node.required_if is not None:
            yield self.wording.text("routing.required", condition=self.routing.clause(node.required_if.expr))
        if isinstance(space, Ticks):
            return
        jumps = self.routing.jumps(node)
        if TICKED in jumps and not node.spec.type.codes(node.spec.settings):
            yield self.wording.text("routing.if_ticked", go=jumps[TICKED])
        if NOT_TICKED in jumps:
            yield self.wording.text("routing.if_not_ticked", go=jumps[NOT_TICKED])
        if isinstance(space, FromList):
            for option in space.options:
                if option.go:
                    label = self.wording.text("routing.list", label=option.label)
                    yield self.wording.text("routing.if_chosen", option=label, go=option.go)

    def _options(self, node: Field) -> tuple[TickOption, ...]:
        """What there is to tick, with where to go after it."""
        jumps = self.routing.jumps(node)
        if node.sources:
            return tuple(self._people(node))
        answers = node.spec.type.paper_space(node.spec.settings).facts.get("answers", ())
        found = [(code, self.wording.word(word), "") for code, word in answers]
        found += [(option.code, option.label, option.hint) for option in node.spec.settings.options]
        return tuple(
            TickOption(code, label, self._offered(node, code, hint), jumps.get(code, ""))
            for code, label, hint in found
        )

    def _offered(self, node: Field, code: str, hint: str) -> str:
        """An option's hint, and when it may be chosen."""
        offer = node.offers.get(code)
        if offer is None:
            return hint
        words = self.wording.text("routing.option", condition=self.routing.clause(offer.expr))
        return f"{hint} ({words})".strip()

    def _people(self, node: Field) -> Iterator[TickOption]:
        """Everybody whom there is room for before this question, by what their blocks are called."""
        for source in node.sources:
            if source.kind == "group":
                group = self.form.groups[source.key]
                label = self._text(group.spec.label, scope_name(group.repeat, group.key))
                first, last = self._range(group)
                yield TickOption(source.key, self.say("person_group", label=label, first=first, last=last))
            else:
                repeat = self.form.repeats[source.key]
                first, last = self._range(repeat)
                for number in range(1, self.blocks_of(repeat) + 1):
                    name = repeat.spec.item_name.capitalize()
                    words = self.say("person", item_name=name, number=str(number), first=first, last=last)
                    yield TickOption(f"{source.key}/{number}", words)

    def _list_words(self, node: Field, options: tuple[TickOption, ...]) -> str:
        """Which list at the end the options stand in; "" where they stand in their place."""
        written = node.spec.settings.options
        if node.sources or len(written) <= FEW_OPTIONS or node.offers:
            return ""
        if _labels(written) not in self._shared and len(written) <= MANY_OPTIONS:
            return ""
        plain = tuple(TickOption(option.code, option.label, option.hint) for option in options)
        if plain not in self.lists_used:
            if len(self.lists_used) == len(_LETTERS):
                return ""
            self.lists_used.append(plain)
        letter = _LETTERS[self.lists_used.index(plain)]
        several = node.spec.type.name == "choices"
        if self.fillable and not several:
            return self.say("choose_one", letter=letter)
        return self.say("from_list_several" if several else "from_list", letter=letter)

    # --- texts -------------------------------------------------------------------------------------------

    def _text(self, text: str, scope: str) -> str:
        """A label or title; where an answer would stand, what stands in for it or the question it is the answer to."""
        template = self.form.templates.get(text) if "((" in text else None
        if template is None:
            return text
        return "".join(
            part if isinstance(part, str) else self._insert(part, scope) for part in template.parts
        )

    def _filled(self, blocks: tuple[content.Block, ...], scope: str) -> tuple[content.Block, ...]:
        return content.fill(blocks, lambda insert: self._insert(insert, scope))

    def _insert(self, insert: Insert, scope: str) -> str:
        if insert.fallback:
            return insert.fallback
        target = self.form.inserts.get((scope, ".".join(insert.names)))
        number = self.routing.numbers.get((target.repeat, target.key)) if target is not None else None
        return self.say("insert", number=number) if number is not None else "…"

    def _prose(self, blocks: tuple[content.Block, ...], scope: str) -> list[BlankPiece]:
        return list(prose(with_addresses(self._filled(blocks, scope))))


def _is_composite(node: Node) -> bool:
    return isinstance(node, Group) and node.spec.composite is not None


def _ended(text: tuple[StyledRun, ...]) -> tuple[StyledRun, ...]:
    """The text as a sentence among others."""
    last = text[-1].text if text else ""
    return text if not last or last.rstrip().endswith((".", "?", "!", ":")) else (*text, StyledRun("."))


def _hinted(option: TickOption) -> str:
    return f"{option.label} ({option.hint})" if option.hint else option.label


def _is_upload(node: Field) -> bool:
    """Whether the answer is files, which paper cannot hold."""
    return node.holds_answer and node.spec.type.paper_space(node.spec.settings).shape == "none"


def _labels(options: Sequence[FieldOption]) -> _Labels:
    return tuple((option.code, option.label) for option in options)


def _shared_lists(form: Form) -> Iterator[_Labels]:
    """The lists of options that more than one question has, or one that is asked of every item."""
    seen: set[_Labels] = set()
    for one in form.fields.values():
        options = _labels(one.spec.settings.options)
        if options in seen:
            yield options
        seen.add(options)
    for fields in form.item_fields.values():
        yield from (_labels(one.spec.settings.options) for one in fields.values())
