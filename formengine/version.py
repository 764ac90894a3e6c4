"""The version of formengine that is installed."""

from __future__ import annotations


def installed_version() -> str:
    """The installed version of formengine, "0" in a checkout that is not installed."""
    # It brings a parser of e-mail along, which costs as much as click itself.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("formengine")
    except PackageNotFoundError:
        return "0"
