"""Small forms for the tests of the journey, one feature each."""

from __future__ import annotations

from pathlib import Path

from formengine.engine import Engine

# Anybody may fill it in; it asks before its first page, has tasks, items with pages, a stop page and a way out.
HELP = """
form: ask-for-help
title: Ask for help
version: 1
description: Tell us what you need
access: anyone
presentation:
  exit_page: https://www.example.org/weather
session:
  timeout_minutes: 10
  warn_minutes: 3
start:
  title: Before you start
  fields:
    - id: nearby
      type: yes_no
      label: Do you live nearby?
      short_label: whether you live nearby
      required: true
    - id: safe
      type: yes_no
      label: Are you safe now?
      short_label: whether you are safe now
      required: true
urgent_if: safe is no
notices:
  - id: privacy
    title: Privacy notice
    version: 2026-11
    link: https://www.example.org/privacy
    for: notifier
pages:
  - id: you
    title: About you
    fields:
      - id: name
        type: text
        label: Name
        required: true
      - id: age
        type: number
        label: Age
        check:
          - that: age is at least 18
            warn: We will talk to you with a parent
      - id: has_children
        type: yes_no
        label: Do you have children?
      - id: how_many
        type: number
        label: How many children?
        required: true
        show_if: has_children is yes
  - id: children
    title: Children
    show_if: has_children is yes
    fields:
      - id: children
        type: repeat
        label: Your children
        item_name: child
        item_title: ((first_name)) ((last_name))
        max_items: 20
        pages:
          - id: who
            title: Who the child is
            fields:
              - id: first_name
                type: text
                label: First name
                required: true
              - id: last_name
                type: text
                label: Last name
          - id: school
            title: The child's school
            fields:
              - id: school
                type: text
                label: School
  - id: close
    title: Who is close to you
    fields:
      - id: rooms
        type: repeat
        layout: table
        label: People close to you
        item_name: person
        item_title: ((person))
        fields:
          - id: person
            type: text
            label: Name
          - id: relation
            type: text
            label: Relation
  - id: too_far
    title: We cannot help from here
    stop: true
    show_if: safe is no and nearby is no
submit:
  title: Send
  button: Send it
"""

# People sign in from its second page on; it asks whether they are human.
VISIT = """
form: visit
title: Ask for a visit
version: 1
access:
  sign_in_from: when
presentation:
  menu: numbered
  buttons: next
start:
  fields:
    - id: kind
      type: choice
      label: What kind of visit?
      short_label: what kind of visit
      required: true
      options:
        home: At home
        school: At school
  human_test: true
pages:
  - id: about
    title: About visits
    intro: Read this first.
  - id: when
    title: When
    fields:
      - id: by
        type: email
        label: Your e-mail
        prefill: account.email
        read_only: true
      - id: phone
        type: phone
        label: Your telephone
        prefill: account.phone
      - id: day
        type: date
        label: Day
        required: true
  - id: why
    title: Why
    fields:
      - id: reason
        type: long_text
        label: Reason
      - id: letters
        type: files
        label: Letters
"""


def engine_of(folder: Path, **texts: str) -> Engine:
    """An engine with these forms, each under its own id."""
    for text in (HELP, VISIT, *texts.values()):
        write(folder, text)
    return Engine(folders=(folder,))


def write(folder: Path, text: str) -> Path:
    """The file that holds the form now."""
    form_id = text.split("form: ", 1)[1].split("\n", 1)[0]
    (folder / form_id).mkdir(exist_ok=True, parents=True)
    path = folder / form_id / "form.yaml"
    path.write_text(text, encoding="utf-8")
    return path
