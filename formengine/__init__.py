"""formengine: one YAML definition in; a form, HTML pages, a JSON Schema, validation and an accessible PDF out.

What can be imported from here is the public interface, and nothing else is: `docs/api.md` says what that promises.
Each name is imported from its module when it is first asked for, so that a program waits for nothing it does not use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formengine.engine import HOME as HOME
    from formengine.engine import Engine as Engine
    from formengine.engine import today as today
    from formengine.form.actions import Outcome as Outcome
    from formengine.form.actions import action_of as action_of
    from formengine.form.actions import add_item as add_item
    from formengine.form.actions import first_unfinished as first_unfinished
    from formengine.form.actions import goes_on as goes_on
    from formengine.form.actions import input_name as input_name
    from formengine.form.actions import item_of as item_of
    from formengine.form.actions import next_page as next_page
    from formengine.form.actions import post_item as post_item
    from formengine.form.actions import post_page as post_page
    from formengine.form.actions import prefilled as prefilled
    from formengine.form.actions import prefilled_item as prefilled_item
    from formengine.form.actions import previous_page as previous_page
    from formengine.form.actions import remove_item as remove_item
    from formengine.form.compiler import compile_form as compile_form
    from formengine.form.plan import Form as Form
    from formengine.form.schema.envelope import submission_schema as submission_schema
    from formengine.form.state import AudienceCopyError as AudienceCopyError
    from formengine.form.state import FieldError as FieldError
    from formengine.form.state import FieldState as FieldState
    from formengine.form.state import NotCompleteError as NotCompleteError
    from formengine.form.state import PageState as PageState
    from formengine.form.state import State as State
    from formengine.form.state import UnknownAudienceError as UnknownAudienceError
    from formengine.form.state import copy_for as copy_for
    from formengine.form.state import evaluate as evaluate
    from formengine.language.bundled import bundled_folder as bundled_folder
    from formengine.language.diagnostics import DefinitionError as DefinitionError
    from formengine.language.diagnostics import Diagnostic as Diagnostic
    from formengine.language.expressions import Kind as Kind
    from formengine.language.extensions import ExtensionError as ExtensionError
    from formengine.language.extensions import FieldTypeError as FieldTypeError
    from formengine.language.fields import COMPOSITE_TYPES as COMPOSITE_TYPES
    from formengine.language.fields import FIELD_TYPES as FIELD_TYPES
    from formengine.language.fields.base import CompositeType as CompositeType
    from formengine.language.fields.base import Control as Control
    from formengine.language.fields.base import Decoded as Decoded
    from formengine.language.fields.base import Display as Display
    from formengine.language.fields.base import FieldSettings as FieldSettings
    from formengine.language.fields.base import FieldType as FieldType
    from formengine.language.fields.base import Key as Key
    from formengine.language.fields.base import Option as Option
    from formengine.language.fields.base import PaperSpace as PaperSpace
    from formengine.language.fields.base import Part as Part
    from formengine.language.fields.base import Posted as Posted
    from formengine.language.fields.base import Problem as Problem
    from formengine.language.fields.base import Rule as Rule
    from formengine.language.fields.base import Word as Word
    from formengine.language.loader import DefinitionLimits as DefinitionLimits
    from formengine.language.loader import load as load
    from formengine.language.loader import load_packed as load_packed
    from formengine.language.loader import pack as pack
    from formengine.language.words import Wording as Wording
    from formengine.language.words import words as words
    from formengine.output.html import HtmlRenderer as HtmlRenderer
    from formengine.output.html import Links as Links
    from formengine.output.html import Site as Site
    from formengine.output.html import SiteLink as SiteLink
    from formengine.output.html import StaticLinks as StaticLinks
    from formengine.output.paper.blank.issuer import Issuer as Issuer
    from formengine.output.paper.reading.contents import UnreadablePdfError as UnreadablePdfError
    from formengine.output.paper.record.attachments import AttachedFile as AttachedFile
    from formengine.output.paper.record.attachments import Signature as Signature
    from formengine.output.paper.record.attachments import signed_bytes as signed_bytes
    from formengine.output.themes import ThemeError as ThemeError
    from formengine.service.address_lookup import Address as Address
    from formengine.service.address_lookup import AddressBook as AddressBook
    from formengine.service.address_lookup import SearchError as SearchError
    from formengine.service.crypto.keyring import Keyring as Keyring
    from formengine.service.crypto.keyring import KeyringError as KeyringError
    from formengine.service.forms import engine_of as engine_of
    from formengine.service.settings import SettingError as SettingError
    from formengine.service.settings import Settings as Settings
    from formengine.service.settings import settings_of as settings_of
    from formengine.store.protocol import Store as Store
    from formengine.store.protocol import StoreError as StoreError
    from formengine.store.sqlite import SqliteStore as SqliteStore
    from formengine.web.app import create_app as create_app

# The public names by the module that each is in, as in the imports above, which type checkers and editors read.
_PUBLIC: dict[str, tuple[str, ...]] = {
    "formengine.engine": ("HOME", "Engine", "today"),
    "formengine.form.actions": (
        "Outcome",
        "action_of",
        "add_item",
        "first_unfinished",
        "goes_on",
        "input_name",
        "item_of",
        "next_page",
        "post_item",
        "post_page",
        "prefilled",
        "prefilled_item",
        "previous_page",
        "remove_item",
    ),
    "formengine.form.compiler": ("compile_form",),
    "formengine.form.plan": ("Form",),
    "formengine.form.schema.envelope": ("submission_schema",),
    "formengine.form.state": (
        "AudienceCopyError",
        "FieldError",
        "FieldState",
        "NotCompleteError",
        "PageState",
        "State",
        "UnknownAudienceError",
        "copy_for",
        "evaluate",
    ),
    "formengine.language.bundled": ("bundled_folder",),
    "formengine.language.diagnostics": ("DefinitionError", "Diagnostic"),
    "formengine.language.expressions": ("Kind",),
    "formengine.language.extensions": ("ExtensionError", "FieldTypeError"),
    "formengine.language.fields": ("COMPOSITE_TYPES", "FIELD_TYPES"),
    "formengine.language.fields.base": (
        "CompositeType",
        "Control",
        "Decoded",
        "Display",
        "FieldSettings",
        "FieldType",
        "Key",
        "Option",
        "PaperSpace",
        "Part",
        "Posted",
        "Problem",
        "Rule",
        "Word",
    ),
    "formengine.language.loader": ("DefinitionLimits", "load", "load_packed", "pack"),
    "formengine.language.words": ("Wording", "words"),
    "formengine.output.html": ("HtmlRenderer", "Links", "Site", "SiteLink", "StaticLinks"),
    "formengine.output.paper.blank.issuer": ("Issuer",),
    "formengine.output.paper.reading.contents": ("UnreadablePdfError",),
    "formengine.output.paper.record.attachments": ("AttachedFile", "Signature", "signed_bytes"),
    "formengine.output.themes": ("ThemeError",),
    "formengine.service.address_lookup": ("Address", "AddressBook", "SearchError"),
    "formengine.service.crypto.keyring": ("Keyring", "KeyringError"),
    "formengine.service.forms": ("engine_of",),
    "formengine.service.settings": ("SettingError", "Settings", "settings_of"),
    "formengine.store.protocol": ("Store", "StoreError"),
    "formengine.store.sqlite": ("SqliteStore",),
    "formengine.web.app": ("create_app",),
}
_MODULE_OF = {name: module for module, names in _PUBLIC.items() for name in names}

__all__ = ["__version__", *_MODULE_OF]  # noqa: PLE0604 - strings, all of them


if TYPE_CHECKING:
    __version__: str
else:
    # Hidden from type checkers: to them a module with this function has every name, misspelt ones too.
    def __getattr__(name: str) -> object:
        """The public name, imported from its module; raises AttributeError for any other (PEP 562)."""
        if name == "__version__":
            value = import_module("formengine.version").installed_version()
        elif name in _MODULE_OF:
            value = getattr(import_module(_MODULE_OF[name]), name)
        else:
            raise AttributeError(f"module 'formengine' has no attribute {name!r}")
        globals()[name] = value  # so that it is asked for once
        return value

    def __dir__() -> list[str]:
        """The public names, for a prompt and for editors that ask."""
        return sorted({*globals(), *__all__})
