"""The forms of the service: as they are published now, and as they were when a draft was begun."""

from __future__ import annotations

import json
from threading import Lock

from formengine.engine import Engine, engine_with
from formengine.form.compiler import compile_form
from formengine.form.plan import Form
from formengine.language.loader import load_packed, pack
from formengine.service.context import ServiceContext
from formengine.service.settings import Settings
from formengine.store.protocol import StoreError, Transaction
from formengine.store.rows import DefinitionRow


def engine_of(settings: Settings) -> Engine:
    """The engine of a service with these settings.

    Raises `formengine.language.extensions.ExtensionError` for a theme or a field type that cannot be used.
    """
    return engine_with(settings.field_types, folders=settings.definitions, themes=settings.themes)


class Forms:
    """Compiled forms, shared by threads; each is read once.

    A form's file is read when it is first asked for. A change takes hold when the service is started again, so that
    a file saved half-way through an edit never reaches anybody.
    """

    def __init__(self, context: ServiceContext, engine: Engine) -> None:
        self._context = context
        self._engine = engine
        self._current: dict[str, Form] = {}
        self._pinned: dict[str, Form] = {}
        self._lock = Lock()

    def current(self, form_id: str) -> Form | None:
        """The form with this id as it is filled in now, None where there is none.

        Raises `formengine.language.diagnostics.DefinitionError` where its file cannot be used.
        """
        with self._lock:
            if form_id not in self._current:
                path = self._engine.path_of(form_id)
                if path is None:
                    return None
                form = self._engine.form(path)
                self._current[form_id] = form
                self._pinned[form.digest] = form
            return self._current[form_id]

    def read_every(self) -> None:
        """Read every form that can be filled in now. Raises DefinitionError as `current` does."""
        for form_id in self._engine.form_ids():
            self.current(form_id)

    def pinned(self, digest: str) -> Form:
        """The form with this digest, from the texts stored with the drafts that were begun with it.

        Raises KeyError where no definition is stored under the digest, and `StoreError` where the stored one has
        another.
        """
        with self._lock:
            form = self._pinned.get(digest)
        if form is None:
            # Not under the lock: a thread that waits for the store must not block one that is in the store.
            opened = self._opened(digest)
            with self._lock:
                form = self._pinned.setdefault(digest, opened)
        return form

    def keep(self, tx: Transaction, form: Form) -> None:
        """Store the form's definition with all it includes, unless it is there."""
        row = DefinitionRow(
            digest=form.digest,
            form=form.id,
            version=form.version,
            packed=json.dumps(pack(form.definition), ensure_ascii=False),
            kept_at=self._context.clock(),
        )
        tx.definitions.keep(row)

    def _opened(self, digest: str) -> Form:
        with self._context.store.read() as tx:
            row = tx.definitions.get(digest)
        if row is None:
            raise KeyError(digest)
        definition = load_packed(
            json.loads(row.packed),
            field_types=self._engine.field_types,
            composite_types=self._engine.composite_types,
            limits=self._engine.limits,
        )
        if definition.digest != digest:
            raise StoreError(f"the definition kept under {digest} is another one", "damaged")
        return compile_form(definition, self._engine.words)
