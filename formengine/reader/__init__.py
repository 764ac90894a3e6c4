"""Definitions and answers from text: nodes with their places, or findings in plain words."""

from __future__ import annotations

from formengine.reader.answers import AnswersError, read_answers
from formengine.reader.decoding import decode, read_file
from formengine.reader.nodes import Entry, Mapping, Node, Scalar, Sequence
from formengine.reader.reading import read

__all__ = [
    "AnswersError",
    "Entry",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "decode",
    "read",
    "read_answers",
    "read_file",
]
