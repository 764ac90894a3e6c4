"""A form with what the service helps with: files, addresses, a long list, a long text."""

from __future__ import annotations

from pathlib import Path

from formengine.engine import Engine

FORM = """
form: helps
title: Helps
version: 1
access: anyone
pages:
  - id: papers
    title: Papers
    fields:
      - id: letter
        type: file
        label: Letter
        accept: [pdf, jpg]
        max_size_mb: 2
      - id: papers
        type: files
        label: Other papers
        hint: Whatever helps us to understand
      - id: name
        type: text
        label: Name
  - id: place
    title: Place
    fields:
      - id: home
        type: address
        label: Home address
        parts:
          postcode:
            required: true
      - id: language
        type: choice
        label: First language
        required: true
        options: {languages}
      - id: story
        type: long_text
        label: What happened?
        max_length: 40
  - id: documents
    title: Documents
    fields:
      - id: documents
        type: repeat
        label: Documents
        item_name: document
        item_title: ((paper))
        fields:
          - id: paper
            type: file
            label: Paper
            required: true
          - id: from_where
            type: address
            label: Where it comes from
"""
LANGUAGES = (
    "Albanian", "Arabic", "Bengali", "British Sign Language", "Bulgarian", "Cantonese", "Czech", "Dari", "English",
    "Farsi", "French", "German", "Greek", "Gujarati", "Hindi", "Hungarian", "Italian", "K’iche’", "Kurdish (Kurmanji)",
    "Kurdish (Sorani)", "Latvian", "Łemko", "Lithuanian", "Māori", "Nepali", "Pashto", "Polish", "Português", "Punjabi",
    "Romani",
)  # fmt: skip


def engine_with_helps(folder: Path) -> Engine:
    """An engine whose one folder of forms holds the form."""
    (folder / "helps").mkdir(parents=True)
    options = "".join(f"\n          l{turn}: {label}" for turn, label in enumerate(LANGUAGES))
    (folder / "helps/form.yaml").write_text(FORM.replace("{languages}", options), encoding="utf-8")
    return Engine(folders=(folder,))
