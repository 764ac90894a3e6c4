"""JSON Schema 2020-12: a form's published document, the envelope's schema, and validators for values."""
