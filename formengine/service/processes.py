"""The processes of the service: as they are published now, and as they were when a case began."""

from __future__ import annotations

import json
from threading import Lock

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.form.process import Process
from formengine.language.diagnostics import DefinitionError
from formengine.service.context import ServiceContext
from formengine.service.forms import Forms
from formengine.service.logging import log_failure
from formengine.store.protocol import StoreError, Transaction
from formengine.store.rows import DefinitionRow


class Processes:
    """Compiled processes, shared by threads; each is read once, and a change takes hold at the next start."""

    def __init__(self, context: ServiceContext, engine: Engine, forms: Forms) -> None:
        self._context = context
        self._engine = engine
        self._forms = forms
        self._current: dict[str, Process | None] = {}
        self._pinned: dict[str, Process] = {}
        self._lock = Lock()

    def current(self, form_id: str) -> Process | None:
        """The process of the form with this id as new cases begin with it; None where it has none.

        Raises `formengine.language.diagnostics.DefinitionError` where its file cannot be used.
        """
        with self._lock:
            if form_id not in self._current:
                form = self._forms.current(form_id)
                made = self._engine.process(form) if form is not None else None
                self._current[form_id] = made
                if made is not None:
                    self._pinned[made.digest] = made
            return self._current[form_id]

    def for_case(self, form: Form) -> Process | None:
        """The process with which the case of a form that is sent now begins; None where there is none.

        form: as the draft was begun with it. A process that cannot be used, since its file was broken while the service
        ran, must keep nobody from sending: it is logged, and the case begins when the file is mended.
        """
        with self._lock:
            if form.id in self._current:
                return self._current[form.id]
        try:
            return self._engine.process(form)
        except DefinitionError as error:
            log_failure("process_unusable", error)
            return None

    def usable(self) -> list[Process]:
        """Every process that there is now and that can be used, by the order of their forms; others are logged."""
        found = []
        for form_id in self._engine.form_ids():
            try:
                process = self.current(form_id)
            except DefinitionError as error:
                log_failure("process_unusable", error)
                continue
            found += [process] if process is not None else []
        return found

    def read_every(self) -> list[Process]:
        """Every process that there is now, by the order of their forms. Raises DefinitionError as `current` does."""
        found = (self.current(form_id) for form_id in self._engine.form_ids())
        return [process for process in found if process is not None]

    def pinned(self, digest: str) -> Process:
        """The process with this digest, from the texts stored with the cases that began with it.

        Raises KeyError where none is stored under the digest, `StoreError` where the stored one has another.
        """
        with self._lock:
            process = self._pinned.get(digest)
        if process is None:
            # Not under the lock: a thread that waits for the store must not block one that is in the store.
            opened = self._opened(digest)
            with self._lock:
                process = self._pinned.setdefault(digest, opened)
        return process

    def keep(self, tx: Transaction, process: Process) -> None:
        """Store the process with all it includes, unless it is there."""
        texts = {source.name: source.text for source in process.definition.sources}
        row = DefinitionRow(
            digest=process.digest,
            form=process.id,
            version=process.definition.version,
            packed=json.dumps(texts, ensure_ascii=False),
            kept_at=self._context.clock(),
        )
        tx.definitions.keep(row)

    def _opened(self, digest: str) -> Process:
        with self._context.store.read() as tx:
            row = tx.definitions.get(digest)
        if row is None:
            raise KeyError(digest)
        process = self._engine.process_of_texts(json.loads(row.packed))
        if process.digest != digest:
            raise StoreError(f"the process kept under {digest} is another one", "damaged")
        return process
