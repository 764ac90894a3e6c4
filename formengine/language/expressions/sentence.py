"""An expression in plain words, for people who will never read the language.

Every word comes from a mapping, so that another language is another mapping: `ENGLISH` shows the keys. A
template names its parts in braces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from formengine.language.expressions.ast import (
    And,
    Answered,
    CompareAnswers,
    CompareDate,
    CompareNumber,
    Counted,
    Expr,
    Includes,
    Is,
    Kind,
    ListOperand,
    Not,
    Operand,
    Or,
    Quantified,
    RelativeDay,
    SameAnswer,
    StartsWith,
    Ticked,
)

SentenceWords = Mapping[str, str]
OptionLabel = Callable[[Operand, str], str]
QuestionName = Callable[[Operand | ListOperand], str]

ENGLISH: SentenceWords = MappingProxyType(
    {
        "and": "{first} and {second}",
        "or": "{first} or {second}",
        "list": "{first}, {second}",
        "brackets": "({inside})",
        "not": "it is not so that {inside}",
        "unknown": "something that is not known yet",
        "quoted": "“{text}”",
        "money": "£{amount}",
        "answered": "{question} is answered",
        "answered.not": "{question} is not answered",
        "ticked": "{question} is ticked",
        "ticked.not": "{question} is not ticked",
        "is": "the answer to {question} is {values}",
        "is.not": "the answer to {question} is not {values}",
        "includes": "{values} is chosen in {question}",
        "includes.not": "{values} is not chosen in {question}",
        "starts_with": "the answer to {question} starts with {values}",
        "starts_with.not": "the answer to {question} does not start with {values}",
        "number.lt": "the answer to {question} is less than {value}",
        "number.le": "the answer to {question} is at most {value}",
        "number.gt": "the answer to {question} is more than {value}",
        "number.ge": "the answer to {question} is at least {value}",
        "date.lt": "the date in {question} is before {day}",
        "date.le": "the date in {question} is on or before {day}",
        "date.gt": "the date in {question} is after {day}",
        "date.ge": "the date in {question} is on or after {day}",
        "date.eq": "the date in {question} is {day}",
        "date.eq.not": "the date in {question} is not {day}",
        "away.lt": "the date in {question} is less than {day}",
        "away.le": "the date in {question} is at most {day}",
        "away.gt": "the date in {question} is more than {day}",
        "away.ge": "the date in {question} is at least {day}",
        "today": "today",
        "day": "{day} {month} {year}",
        "ago": "{distance} ago",
        "from_today": "{distance} from today",
        "any": "in at least one item of {list}, {where}",
        "all": "in every item of {list}, {where}",
        "none": "in no item of {list} it holds that {where}",
        "count.lt": "{list} has fewer than {items}",
        "count.le": "{list} has at most {items}",
        "count.gt": "{list} has more than {items}",
        "count.ge": "{list} has at least {items}",
        "count.eq": "{list} has exactly {items}",
        "count.eq.not": "{list} does not have exactly {items}",
        "count.where": "{count} in which {where}",
        "same": "the answers to {question} and {other} are the same",
        "same.not": "the answers to {question} and {other} are different",
        "answers.lt": "the answer to {question} is less than the answer to {other}",
        "answers.le": "the answer to {question} is at most the answer to {other}",
        "answers.gt": "the answer to {question} is more than the answer to {other}",
        "answers.ge": "the answer to {question} is at least the answer to {other}",
        "dates.lt": "the date in {question} is before the date in {other}",
        "dates.le": "the date in {question} is on or before the date in {other}",
        "dates.gt": "the date in {question} is after the date in {other}",
        "dates.ge": "the date in {question} is on or after the date in {other}",
        "after.lt": "the date in {question} is before the day {distance} after the date in {other}",
        "after.le": "the date in {question} is at most {distance} after the date in {other}",
        "after.gt": "the date in {question} is more than {distance} after the date in {other}",
        "after.ge": "the date in {question} is at least {distance} after the date in {other}",
        "before.lt": "the date in {question} is more than {distance} before the date in {other}",
        "before.le": "the date in {question} is at least {distance} before the date in {other}",
        "before.gt": "the date in {question} is less than {distance} before the date in {other}",
        "before.ge": "the date in {question} is at most {distance} before the date in {other}",
        "items.one": "{number} item",
        "items.many": "{number} items",
        "days.one": "{number} day",
        "days.many": "{number} days",
        "weeks.one": "{number} week",
        "weeks.many": "{number} weeks",
        "months.one": "{number} month",
        "months.many": "{number} months",
        "years.one": "{number} year",
        "years.many": "{number} years",
        "month.1": "January",
        "month.2": "February",
        "month.3": "March",
        "month.4": "April",
        "month.5": "May",
        "month.6": "June",
        "month.7": "July",
        "month.8": "August",
        "month.9": "September",
        "month.10": "October",
        "month.11": "November",
        "month.12": "December",
    }
)

_MIRRORED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
_NEGATABLE = Answered | Ticked | Is | Includes | StartsWith | SameAnswer


def sentence(
    expr: Expr,
    words: SentenceWords = ENGLISH,
    option_label: OptionLabel | None = None,
    question_name: QuestionName | None = None,
) -> str:
    """What `expr` asks, as a clause without capital or full stop, ready to follow "if" or "when".

    Answers go by their labels, else by their keys, in quotes; or by what `question_name` calls them, such as
    "question 14". `option_label` gives the label of an option's code; without it codes are shown. Raises
    `KeyError` when `words` lacks one of `ENGLISH`'s keys.
    """
    return _Writer(words, option_label or (lambda _operand, code: code), question_name).clause(expr)


class _Writer:
    def __init__(
        self, words: SentenceWords, option_label: OptionLabel, question_name: QuestionName | None = None
    ) -> None:
        self.words = words
        self.option_label = option_label
        self.question_name = question_name

    def say(self, key: str, **parts: str | int) -> str:
        return self.words[key].format(**parts)

    def clause(self, expr: Expr, *, negated: bool = False) -> str:
        match expr:
            case And() | Or():
                clause = self.chain(expr)
            case Not() if not negated and self.has_negative(expr.part):
                return self.clause(expr.part, negated=True)
            case Not():
                clause = self.say("not", inside=self.inside(expr.part))
            case Quantified():
                clause = self.say(
                    expr.quantifier, list=self.question(expr.items), where=self.inside(expr.where)
                )
            case Counted():
                return self.count(expr, negated=negated)
            case Answered() | Ticked() | Is() | Includes() | StartsWith() | SameAnswer():
                return self.simple(expr, ".not" if negated else "")
            case CompareNumber():
                value = self.number(expr.operand, expr.value)
                clause = self.say(f"number.{expr.order}", question=self.question(expr.operand), value=value)
            case CompareDate():
                return self.compared_date(expr, negated=negated)
            case CompareAnswers():
                clause = self.two_answers(expr)
            case _:
                clause = self.say("unknown")
        return clause

    def has_negative(self, expr: Expr) -> bool:
        """Whether the words have a clause of their own for its opposite."""
        return isinstance(expr, _NEGATABLE) or (
            isinstance(expr, CompareDate | Counted) and expr.order == "eq"
        )

    def chain(self, expr: And | Or) -> str:
        """The parts, the last one after "and" or "or"; a chain inside stands in brackets."""
        parts = [self.inside(part) for part in expr.parts]
        clause = parts[0]
        word = "and" if isinstance(expr, And) else "or"
        for part in parts[1:]:
            clause = self.say(word, first=clause, second=part)
        return clause

    def inside(self, expr: Expr) -> str:
        clause = self.clause(expr)
        return self.say("brackets", inside=clause) if isinstance(expr, And | Or) else clause

    def simple(self, expr: Answered | Ticked | Is | Includes | StartsWith | SameAnswer, not_: str) -> str:
        question = self.question(expr.operand)
        match expr:
            case Answered():
                return self.say(f"answered{not_}", question=question)
            case Ticked():
                return self.say(f"ticked{not_}", question=question)
            case Is():
                return self.say(f"is{not_}", question=question, values=self.values(expr.operand, expr.values))
            case Includes():
                return self.say(
                    f"includes{not_}", question=question, values=self.values(expr.operand, expr.codes)
                )
            case StartsWith():
                return self.say(f"starts_with{not_}", question=question, values=self.quoted(expr.prefix))
            case SameAnswer():
                return self.say(f"same{not_}", question=question, other=self.question(expr.other))

    def question(self, operand: Operand | ListOperand) -> str:
        if self.question_name is not None:
            return self.question_name(operand)
        return self.quoted(operand.label or operand.key)

    def quoted(self, text: str) -> str:
        return self.say("quoted", text=text)

    def values(self, operand: Operand, values: tuple[str | int | float, ...]) -> str:
        phrases = [self.value(operand, value) for value in values]
        clause = phrases[0]
        for index, value in enumerate(phrases[1:], start=2):
            clause = self.say("or" if index == len(phrases) else "list", first=clause, second=value)
        return clause

    def value(self, operand: Operand, value: float | str) -> str:
        if not isinstance(value, str):
            return self.number(operand, value)
        choice = operand.kind in {Kind.CHOICE, Kind.CHOICES}
        return self.quoted(self.option_label(operand, value) if choice else value)

    def number(self, operand: Operand, value: float) -> str:
        if operand.scale == 1:
            return f"{Decimal(repr(value)):f}"
        amount = Decimal(repr(value)) / operand.scale
        return self.say("money", amount=f"{amount:f}" if amount == int(amount) else f"{amount:.2f}")

    def compared_date(self, expr: CompareDate, *, negated: bool) -> str:
        question, order, day = self.question(expr.operand), expr.order, expr.day
        if isinstance(day, RelativeDay) and day.amount and order != "eq":
            words = _MIRRORED[order] if day.direction == "ago" else order
            distance = self.say(day.direction, distance=self.amount(day.unit, day.amount))
            return self.say(f"away.{words}", question=question, day=distance)
        not_ = ".not" if negated else ""
        return self.say(f"date.{order}{not_}", question=question, day=self.day(day))

    def day(self, day: date | RelativeDay) -> str:
        if isinstance(day, RelativeDay):
            return (
                self.say(day.direction, distance=self.amount(day.unit, day.amount))
                if day.amount
                else self.say("today")
            )
        return self.say("day", day=day.day, month=self.words[f"month.{day.month}"], year=day.year)

    def amount(self, what: str, number: int) -> str:
        return self.say(f"{what}.{'one' if number == 1 else 'many'}", number=number)

    def count(self, expr: Counted, *, negated: bool) -> str:
        not_ = ".not" if negated else ""
        count = self.say(
            f"count.{expr.order}{not_}",
            list=self.question(expr.items),
            items=self.amount("items", expr.number),
        )
        if expr.where is None:
            return count
        return self.say("count.where", count=count, where=self.inside(expr.where))

    def two_answers(self, expr: CompareAnswers) -> str:
        parts = {"question": self.question(expr.operand), "other": self.question(expr.other)}
        if expr.operand.kind is Kind.NUMBER:
            return self.say(f"answers.{expr.order}", **parts)
        if not expr.amount:
            return self.say(f"dates.{expr.order}", **parts)
        side = "after" if expr.amount > 0 else "before"
        return self.say(f"{side}.{expr.order}", **parts, distance=self.amount(expr.unit, abs(expr.amount)))
