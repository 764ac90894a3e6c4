"""How a test of the suite says that something is refused; pytest is not needed to import it."""

from __future__ import annotations

from unittest import TestCase

_CASE = TestCase()
raises = _CASE.assertRaises
raises_saying = _CASE.assertRaisesRegex
