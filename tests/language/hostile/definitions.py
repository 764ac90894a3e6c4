"""Hostile definitions, each a function that makes its bytes; what it is made for stands in its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

HEAD = "form: hostile\ntitle: Hostile\nversion: 1\npages:\n  - id: about\n    title: About you\n    fields:\n"
FIELD = "      - id: name\n        type: text\n        label: Your name\n"
FORM = HEAD + FIELD
TEMPLATES = "{{7*7}} {%raw%} ${7*7} <%= 7*7 %> #{7*7} ((7*7)) __import__('os').system('id') {0.__class__}"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) &lt; \"' -- ]]>"
EVIL_PATTERNS = (
    "(a+)+$",
    "([a-zA-Z]+)*$",
    "(a|aa)+$",
    "(a|a?)+$",
    "(.*a){20}$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    "(?=a)b",
    "(?<=a)b",
    r"(a)\1",
    "(?P<n>a)(?P=n)",
    "a{1000}{1000}{1000}",
    "(" * 5000 + ")" * 5000,
    "[",
    "(?i:a",
)


def _field(line: str) -> bytes:
    return f"{FORM}        {line}\n".encode()


def _lines(count: int, line: Callable[[int], str]) -> bytes:
    return "".join(line(number) for number in range(count)).encode()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _every_text(text: str) -> bytes:
    """A form in which each text holds `text`."""
    told = _quoted(text)
    return (
        f"form: hostile\ntitle: {told}\nversion: {told}\npages:\n  - id: about\n"
        f"    title: {told}\n    intro: {told}\n"
        f"    fields:\n      - id: name\n        type: choice\n        label: {told}\n        hint: {told}\n"
        f"        short_label: {told}\n        options:\n          a: {told}\n          {told}: b\n"
        f"        show_if: {told}\n        check:\n          - that: {told}\n            else: {told}\n"
        f"      - id: {told}\n        type: {told}\n        label: x\n"
    ).encode()


SMALL: Mapping[str, bytes] = {
    "nothing": b"",
    "only-spaces": b"   \n \n",
    "nul": b"\0",
    "nul-in-text": _field("hint: a\0b"),
    "control-characters": _field("hint: \x01\x02\x07\x08\x0b\x0c\x0e\x1b[2J\x7f"),
    "invalid-utf-8": FORM.encode() + b"        hint: \xc3\x28 \xff\xfe \xed\xa0\x80 \xf8\x88\x80\x80\x80\n",
    "overlong-utf-8": _field("hint: x") + b"        intro: \xc0\xaf\n",
    "truncated-utf-8": FORM.encode() + b"        hint: \xf0\x9f\x98",
    "utf-16": FORM.encode("utf-16"),
    "utf-16-without-mark": FORM.encode("utf-16-be"),
    "utf-32": FORM.encode("utf-32"),
    "byte-order-mark": b"\xef\xbb\xbf" + FORM.encode() + b"        hint: a: b\n",
    "two-byte-order-marks": b"\xef\xbb\xbf\xef\xbb\xbf" + FORM.encode(),
    "mark-in-the-middle": _field("hint: a\ufeffb"),
    "carriage-returns-only": FORM.replace("\n", "\r").encode() + b"        hint: a: b\r",
    "windows-line-ends": FORM.replace("\n", "\r\n").encode() + b"        hint: a: b\r\n",
    "next-line-ends": FORM.replace("\n", "\x85").encode(),
    "line-separators": FORM.replace("\n", "\u2028").encode(),
    "mixed-line-ends": FORM.replace("\n", "\n\r").encode(),
    "turned-reading-direction": _field("hint: \u202egnirts\u202c \u2066x\u2069"),
    "private-and-last-characters": _field("hint: \ue000\U0010ffff\ufffe\uffff"),
    "zip-file": b"PK\x03\x04" + bytes(range(256)) * 40,
    "elf-file": b"\x7fELF\x02\x01\x01\0" + bytes(range(256)) * 40,
    "yaml-directive": b"%YAML 1.1\n---\n" + FORM.encode(),
    "future-yaml": b"%YAML 9.9\n---\n" + FORM.encode(),
    "tag-directive": b"%TAG ! tag:example.com,2026:\n---\n" + FORM.encode(),
    "broken-directive": b"%\n%YAML\n%TAG\n---\n" + FORM.encode(),
    "several-documents": (FORM + "---\n" + FORM + "...\n---\n" + FORM).encode(),
    "only-document-marks": b"---\n...\n---\n...\n",
    "python-object": _field("hint: !!python/object/apply:os.system ['id']"),
    "python-name": b"!!python/name:os.system\n",
    "binary": _field("hint: !!binary R0lGODlhAQABAAAAACw="),
    "unknown-tag-handle": _field("hint: !e!tag value"),
    "broken-tag": _field("hint: !<tag:yaml.org,2002:str value"),
    "tags-on-everything": b"!!map\n!!str form: !!str x\n!!str pages: !!seq [!!map {!!str id: !!int 1}]\n",
    "alias-bomb": b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n".encode() for n in range(9)
    ),
    "alias-cycle": b"form: x\na: &a [*a]\nb: &b {c: *b}\n",
    "alias-as-name": b"form: x\na: &a b\n*a : c\n",
    "alias-to-nothing": b"form: *nothing\n",
    "merge-names": (FORM + "        <<: {hint: a}\n        <<: [{hint: b}]\n").encode(),
    "merge-bomb": b"a: &a {b: c}\nd: &d {<<: *a, <<: *a}\nform: {<<: [*a, *d]}\n",
    "duplicate-names": (FORM + "        label: a\n" * 500).encode(),
    "names-that-are-lists": b"form: x\n[a, b]: c\n{d: e}: f\n? [g]\n: h\n? - i\n: j\n",
    "complex-names": b"? |\n  form\n: x\n? >-\n  title\n: y\n? ? ? a\n",
    "empty-names": b": a\n'': b\n? \n: c\n",
    "names-of-other-languages": b"__class__: a\n__proto__: b\nconstructor: c\ntoString: d\nform: e\n",
    "numbers-as-names": b"1: a\n0x1: b\n1e3: c\n.nan: d\n~: e\ntrue: f\n2026-01-01: g\n",
    "unclosed-bracket": FORM.encode() + b"        options: [[[[a, b\n",
    "unclosed-brace": FORM.encode() + b"        options: {{{{a: b\n",
    "unclosed-quote": FORM.encode() + b"        hint: \"a\n        intro: 'b\n",
    "unclosed-everything": b"form: [{\"a': [{'b\": (((|>- &* !!< %\n",
    "closed-too-often": b"form: x]]]}}}\"\"''\n]\n}\n",
    "indentation-like-stairs": _lines(200, lambda n: " " * (n % 7) + f"a{n}:\n"),
    "indentation-backwards": _lines(60, lambda n: " " * (60 - n) + f"a{n}: b\n"),
    "tabs-everywhere": FORM.replace("  ", "\t").encode(),
    "dashes": b"- - - - - - -\n-\n--\n---\n----\n",
    "block-marks": b"form: |9\n x\ntitle: >0\n y\npages: |+-\n z\nhint: |1234\n",
    "escapes": b'form: "\\xZZ \\u12 \\U99999999 \\ud800 \\q"\n',
    "templates-in-every-text": _every_text(TEMPLATES),
    "markup-in-every-text": _every_text(MARKUP),
    "inserted-answers-in-every-text": _every_text("((name or ((name))) ((((((( ((a.b.c.d or )) ((name or"),
    "file-names-in-every-text": _every_text("../../../../etc/passwd"),
    "includes-outside": _field("options: ../../../../../../etc/passwd"),
    "include-of-a-device": _field("options: /dev/zero"),
    "use-of-itself": (HEAD + "      - use: ../form\n      - use: library/../library/person\n").encode(),
    "deep-condition": _field("show_if: " + _quoted("not (" * 3000 + "name is answered" + ")" * 3000)),
    "wide-condition": _field("show_if: " + " and ".join(["name is answered"] * 3000)),
    "numbers-out-of-range": _field("max_length: " + "9" * 5000) + b"        min_length: -1e999999\n",
    **{f"evil-pattern-{n}": _field(f"pattern: {_quoted(p)}") for n, p in enumerate(EVIL_PATTERNS, start=1)},
}  # fmt: skip

BIG: Mapping[str, Callable[[], bytes]] = {
    "too-many-bytes": lambda: FORM.encode() + b"# " + b"x" * 3_000_000,
    "fifty-thousand-brackets": lambda: b"[" * 50_000,
    "fifty-thousand-braces": lambda: b"{" * 50_000,
    "fifty-thousand-names-in-braces": lambda: b"{a: " * 50_000,
    "four-hundred-thousand-brackets": lambda: b"form: " + b"[" * 400_000,
    "fifty-thousand-dashes": lambda: b"- " * 50_000,
    "fifty-thousand-question-marks": lambda: b"? " * 50_000,
    "indented-as-deep-as-it-goes": lambda: _lines(1_300, lambda n: " " * n + "a:\n"),
    "fifty-thousand-levels-on-one-line": lambda: b"- " * 49_999 + b"a: b\n",
    "brackets-line-by-line": lambda: b"a: " + b"[\n" * 50_000,
    "one-huge-text": lambda: FORM.encode() + b"        hint: " + b"x" * 900_000,
    "one-huge-quoted-text": lambda: FORM.encode() + b'        hint: "' + b"\\n" * 400_000,
    "one-huge-block": lambda: FORM.encode() + b"        hint: |\n" + b"          x\n" * 70_000,
    "one-huge-name": lambda: b"x" * 900_000 + b": y\n",
    "one-huge-line-of-spaces": lambda: FORM.encode() + b"        hint:" + b" " * 900_000 + b"x: y\n",
    "a-word-then-spaces": lambda: b"form: x\nlabel" + b" " * 900_000 + b"\n",
    "one-huge-remark": lambda: FORM.encode() + b"        hint: a #" + b" x: y" * 150_000 + b"\n",
    "one-huge-number": lambda: _field("max_length: " + "9" * 900_000),
    "a-hundred-thousand-names": lambda: _lines(100_000, lambda n: f"a{n}:\n"),
    "a-hundred-thousand-equal-names": lambda: b"a:\n" * 100_000,
    "forty-thousand-unknown-names": lambda: b"form: x\n" + _lines(24_000, lambda n: f"a{n}: b\n"),
    "fifty-thousand-slips": lambda: FORM.encode() + b"        hint: a: b\n" * 45_000,
    "fifty-thousand-unclosed-quotes": lambda: FORM.encode() + b"        hint: 'a\n" * 50_000,
    "unclosed-quotes-further-and-further-in": lambda: _lines(1_300, lambda n: " " * n + "a: 'b\n"),
    "fifty-thousand-unclosed-brackets": lambda: FORM.encode() + b"        hint: [a\n" * 50_000,
    "fifty-thousand-lines-without-colon": lambda: FORM.encode() + b"        hint\n" * 50_000,
    "fifty-thousand-tabs": lambda: FORM.encode() + b"\thint: a\n" * 50_000,
    "no-break-spaces": lambda: FORM.encode() + "\xa0hint: a\n".encode() * 50_000,
    "nothing-but-nul": lambda: b"\0" * 900_000,
    "nothing-but-control-characters": lambda: b"form: x\n" + b"\x01" * 900_000,
    "nothing-but-line-ends": lambda: b"\n" * 900_000,
    "nothing-but-carriage-returns": lambda: b"\r" * 900_000,
    "nothing-but-colons": lambda: b":" * 900_000,
    "nothing-but-spaced-colons": lambda: b": " * 400_000,
    "nothing-but-hashes": lambda: b"a #" * 300_000,
    "nothing-but-stars": lambda: b"*a " * 300_000,
    "nothing-but-quotes": lambda: b"'" * 900_001,
    "nothing-but-backslashes": lambda: b'form: "' + b"\\" * 900_000,
    "many-anchors": lambda: b"form:\n" + _lines(40_000, lambda n: f"  - &a{n} x\n"),
    "many-aliases": lambda: b"form: &a x\nb:\n" + b"  - *a\n" * 40_000,
    "many-documents": lambda: b"---\na: b\n" * 50_000,
    "many-fields": lambda: HEAD.encode() + _lines(4_000, lambda n: FIELD.replace("name", f"f{n}")),
    "many-conditions": (FORM + "      - use: x\n" * 2_000).encode,
}  # fmt: skip
