"""The forms of the service: as they are filled in now, and as they were when a draft was begun.

What was published in the store is filled in; a form that never was, as it stands in its file.
"""

from __future__ import annotations

import json
from functools import lru_cache
from threading import Lock
from typing import Final

from formengine.engine import Engine, engine_with
from formengine.form.compiler import compile_form
from formengine.form.plan import Form
from formengine.language.diagnostics import DefinitionError
from formengine.language.loader import load_packed, pack
from formengine.service.context import ServiceContext
from formengine.service.logging import log_failure
from formengine.service.settings import Settings
from formengine.store.protocol import StoreError, Transaction
from formengine.store.rows import DefinitionRow, PublicationRow

# How often a process looks for what another has published, at most: so a publication is taken up within a second.
LOOKED_FOR_EVERY_S: Final = 0.5
# So many forms of earlier publications stay compiled, the last used; up to a megabyte each.
_FORMS_KEPT: Final = 32


def engine_of(settings: Settings) -> Engine:
    """The engine of a service with these settings.

    Raises `formengine.language.extensions.ExtensionError` for a theme or a field type that cannot be used.
    """
    return engine_with(settings.field_types, folders=settings.definitions, themes=settings.themes)


class Forms:
    """Compiled forms, shared by threads; each is read once.

    A form's file is read when it is first asked for, and a change of the file takes hold when the service is started
    again, so that a file saved half-way through an edit never reaches anybody. A publication is taken up while the
    service runs: compiled first, then used in place of what was there before, by every process.
    """

    def __init__(self, context: ServiceContext, engine: Engine) -> None:
        self._context = context
        self._engine = engine
        self._current: dict[str, Form] = {}
        self._lock = Lock()
        self._taking_up = Lock()
        self._looked_at_s: float | None = None
        # Digests of publications that cannot be used, by the form's id: each is logged once.
        self._refused: dict[str, str] = {}
        self._opened = lru_cache(maxsize=_FORMS_KEPT)(self._read)

    def current(self, form_id: str) -> Form | None:
        """The form with this id as it is filled in now, None where there is none.

        Raises `formengine.language.diagnostics.DefinitionError` where neither its publication nor an earlier one that
        this process knows can be used, or its file cannot; and `StoreError`.
        """
        if self._look_is_due():
            self.take_up()
        with self._lock:
            known = self._current.get(form_id)
        if known is not None:
            return known
        if form_id in self._refused:
            return self.pinned(self._refused[form_id])
        path = self._engine.path_of(form_id)
        if path is None:
            return None
        form = self._engine.form(path)
        with self._lock:
            return self._current.setdefault(form_id, form)

    def ids(self) -> list[str]:
        """The ids of all forms that can be filled in now, in order. Raises `StoreError`."""
        return sorted({*self._engine.form_ids(), *self.published()})

    def published(self) -> dict[str, PublicationRow]:
        """The publication that holds now, of each form that was ever published, by its id. Raises `StoreError`."""
        with self._context.store.read() as tx:
            return dict(tx.publications.current("form", self._context.clock()))

    def read_every(self) -> None:
        """Read every form that can be filled in now. Raises as `current` does."""
        for form_id in self.ids():
            self.current(form_id)

    def take_up(self) -> None:
        """Use what has been published since the last look. Raises `StoreError`.

        What cannot be compiled is logged, and what was there before stays. While one thread does this, others go on
        with what is there.
        """
        if not self._taking_up.acquire(blocking=False):
            return
        try:
            self._looked_at_s = self._context.monotonic()
            for form_id, row in self.published().items():
                self._switch(form_id, row.digest)
        finally:
            self._taking_up.release()

    def pinned(self, digest: str) -> Form:
        """The form with this digest, from the texts stored with the drafts that were begun with it.

        Raises KeyError where no definition is stored under the digest, and `StoreError` where the stored one has
        another.
        """
        with self._lock:
            for form in self._current.values():
                if form.digest == digest:
                    return form
        # Not under the lock: a thread that waits for the store must not block one that is in the store.
        return self._opened(digest)

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

    def _look_is_due(self) -> bool:
        now_s, before_s = self._context.monotonic(), self._looked_at_s
        return before_s is None or now_s - before_s >= LOOKED_FOR_EVERY_S

    def _switch(self, form_id: str, digest: str) -> None:
        """Use the published form from now on, once it is compiled."""
        with self._lock:
            used = self._current.get(form_id)
        if (used is not None and used.digest == digest) or self._refused.get(form_id) == digest:
            return
        try:
            form = self._opened(digest)
        except (DefinitionError, StoreError) as error:
            if isinstance(error, StoreError) and error.fault != "damaged":
                raise
            self._refused[form_id] = digest
            log_failure("publication_refused", error)
            return
        with self._lock:
            self._current[form_id] = form
            self._refused.pop(form_id, None)

    def _read(self, digest: str) -> Form:
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


def texts_in(row: DefinitionRow) -> dict[str, str]:
    """The texts of a kept definition by the names of their files, the definition's own first."""
    return {str(name): str(text) for name, text in json.loads(row.packed).items()}
