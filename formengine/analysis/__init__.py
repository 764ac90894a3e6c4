"""What can be told of a form without a person filling it in: its outline, sample answers, why a question is asked."""

from __future__ import annotations

from formengine.analysis.explain import Explanation, explain_path
from formengine.analysis.outline import outline
from formengine.analysis.samples import NoSampleFoundError, sample_answers

__all__ = ["Explanation", "NoSampleFoundError", "explain_path", "outline", "sample_answers"]
