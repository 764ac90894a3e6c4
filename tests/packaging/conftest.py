"""The fixtures of the packaging tests."""

from tests.packaging.checkout import front_end

__all__ = ["front_end"]
