"""The public interface: which names there are, that each can be had, and that type checkers see the same."""

from __future__ import annotations

import ast
import inspect
from importlib.metadata import version
from pathlib import Path

import pytest

import formengine

PACKAGE = Path(formengine.__file__).parent
# Whoever takes a name away breaks a program: docs/api.md says how it is deprecated first.
NAMES = [
    "Address",
    "AddressBook",
    "AttachedFile",
    "AudienceCopyError",
    "COMPOSITE_TYPES",
    "CompositeType",
    "Control",
    "Decoded",
    "DefinitionError",
    "DefinitionLimits",
    "Diagnostic",
    "Display",
    "Engine",
    "ExtensionError",
    "FIELD_TYPES",
    "FieldError",
    "FieldSettings",
    "FieldState",
    "FieldType",
    "FieldTypeError",
    "Form",
    "HOME",
    "HtmlRenderer",
    "Issuer",
    "Key",
    "Keyring",
    "KeyringError",
    "Kind",
    "Links",
    "NotCompleteError",
    "Option",
    "Outcome",
    "PageState",
    "PaperSpace",
    "Part",
    "Posted",
    "Problem",
    "Rule",
    "SearchError",
    "SettingError",
    "Settings",
    "Signature",
    "Site",
    "SiteLink",
    "SqliteStore",
    "State",
    "StaticLinks",
    "Store",
    "StoreError",
    "ThemeError",
    "UnknownAudienceError",
    "UnreadablePdfError",
    "Word",
    "Wording",
    "__version__",
    "action_of",
    "add_item",
    "bundled_folder",
    "compile_form",
    "copy_for",
    "create_app",
    "engine_of",
    "evaluate",
    "first_unfinished",
    "goes_on",
    "input_name",
    "item_of",
    "load",
    "load_packed",
    "next_page",
    "pack",
    "post_item",
    "post_page",
    "prefilled",
    "prefilled_item",
    "previous_page",
    "remove_item",
    "settings_of",
    "signed_bytes",
    "submission_schema",
    "today",
    "words",
]
VALUES = {"COMPOSITE_TYPES", "FIELD_TYPES", "HOME", "Kind", "__version__"}


def imports_for_type_checkers() -> dict[str, str]:
    """The module of each name that `formengine/__init__.py` imports for type checkers and editors."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    return {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module is not None
        and node.module.startswith("formengine.")
        for alias in node.names
        if alias.asname == alias.name
    }


def test_the_public_names_are_these() -> None:
    assert sorted(formengine.__all__) == NAMES


def test_type_checkers_see_every_name_where_it_is() -> None:
    assert imports_for_type_checkers() == formengine._MODULE_OF


@pytest.mark.parametrize("name", sorted(set(NAMES) - VALUES))
def test_a_public_name_can_be_had_and_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(getattr(formengine, name))


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'formengine' has no attribute 'Shell'"):
        getattr(formengine, "Shell")  # noqa: B009 - mypy would refuse it, too


def test_a_prompt_completes_every_public_name() -> None:
    assert set(NAMES) <= set(dir(formengine))


def test_the_version_is_the_installed_one() -> None:
    assert formengine.__version__ == version("formengine")


def test_no_module_of_the_package_imports_from_its_own_door() -> None:
    # Else a module could reach, through the package itself, what stands on a floor above it.
    through_the_door = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and node.module == "formengine")
        or (isinstance(node, ast.Import) and "formengine" in [alias.name for alias in node.names])
    ]
    assert through_the_door == []
