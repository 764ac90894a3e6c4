"""Analysis of a form without a person filling it in: its outline, sample answers, why a question is asked."""

from __future__ import annotations

from formengine.form.analysis.explain import Explanation, explain_path
from formengine.form.analysis.outline import outline
from formengine.form.analysis.samples import NoSampleFoundError, sample_answers

__all__ = ["Explanation", "NoSampleFoundError", "explain_path", "outline", "sample_answers"]
