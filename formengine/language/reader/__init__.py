"""Definitions and answers from text: nodes with their spans, or findings in plain words."""

from __future__ import annotations

from formengine.language.reader.answers_json import AnswersError, read_answers
from formengine.language.reader.decoding import decode, read_file
from formengine.language.reader.nodes import Mapping, MappingEntry, Scalar, Sequence, YamlNode
from formengine.language.reader.read_yaml import read

__all__ = [
    "AnswersError",
    "Mapping",
    "MappingEntry",
    "Scalar",
    "Sequence",
    "YamlNode",
    "decode",
    "read",
    "read_answers",
    "read_file",
]
