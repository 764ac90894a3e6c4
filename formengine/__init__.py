"""A declarative form engine: one YAML definition becomes HTML, JSON Schema, validation and PDF."""
