"""How a service is configured: variables of the environment called ``FORMENGINE_…``, each described where it is read.

`docs/configuration.md` is generated from the fields of `Settings`.
"""

# ruff: noqa: RUF009 - `setting` is `dataclasses.field` with its text for the reference
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from formengine.language.extensions import ExtensionError
from formengine.output.themes import theme_named
from formengine.service.delivery_settings import Webhook, webhook_address, webhook_secrets

PREFIX = "FORMENGINE_"
_MAILBOX = f"{PREFIX}MAILBOX_"
_WEBHOOK_URL = f"{PREFIX}WEBHOOK_URL_"
_WEBHOOK_SECRET = f"{PREFIX}WEBHOOK_SECRET_"
_WEBHOOK_FULL = f"{PREFIX}WEBHOOK_FULL_"
_FOLDER = f"{PREFIX}FOLDER_"
# Each is followed by a mailbox's name.
_NAMED = (_MAILBOX, _FOLDER, _WEBHOOK_URL, _WEBHOOK_SECRET, _WEBHOOK_FULL)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
# One e-mail address with nothing around it, without the signs that are special in a header (RFC 5322, 3.2.3): a line
# can neither end in it nor hold a second recipient, and Python's own reader of addresses fails at some of them.
EMAIL_ADDRESS: Final = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+")
# What stands in an address as it is; a dot begins no part, so that none leads upwards.
_PREFIX = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class SettingError(ValueError):
    """A variable that cannot be used; the text is one plain line that names it."""

    def __init__(self, variable: str, fault: str) -> None:
        super().__init__(f"{variable} {fault}")
        self.variable = variable


# --- how a value is read: raises ValueError with what is wrong, to stand after the variable's name -------------------


def _text(text: str) -> str:
    return text.strip()


def _path(text: str) -> Path:
    try:
        return Path(text.strip()).expanduser()
    except RuntimeError as error:
        # "~somebody" of whom this machine knows nothing.
        raise ValueError("begins with ~ and names nobody of this machine") from error


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(map(_path, _listed(text)))


def _themes(text: str) -> tuple[Path, ...]:
    try:
        return tuple(map(theme_named, _listed(text)))
    except ExtensionError as error:
        raise ValueError(f"cannot be used: {error}") from None


def _folder(text: str) -> Path:
    folder = _path(text)
    if not folder.is_absolute():
        raise ValueError("must be the whole path of a folder, from the root on")
    return folder


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _yes_no(text: str) -> bool:
    known = {
        "yes": True,
        "true": True,
        "1": True,
        "on": True,
        "no": False,
        "false": False,
        "0": False,
        "off": False,
    }
    if text.strip().lower() not in known:
        raise ValueError("must be yes or no")
    return known[text.strip().lower()]


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text.strip()) or not 1 <= int(text) <= 65535:
        raise ValueError("must be a port, a number from 1 to 65535")
    return int(text)


def _host(text: str) -> str:
    if not _HOST.fullmatch(text.strip()):
        raise ValueError("must be the name or the address of a host, without https:// and without a port")
    return text.strip().lower()


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(map(_host, _listed(text)))


def _web_address(text: str) -> str:
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        whole = (
            bool(parts.hostname)
            and _HOST.fullmatch(parts.netloc.rpartition("@")[2].split(":")[0]) is not None
        )
    except ValueError:
        whole = False
        parts = urlsplit("")
    if not whole or parts.scheme not in {"http", "https"} or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address such as https://forms.example.org")
    if not _PREFIX.fullmatch(parts.path):
        raise ValueError("may have a path such as /forms, of letters, figures and hyphens alone")
    return address


def is_network(text: str) -> bool:
    """Whether the text is an address or a network, as a trusted proxy must be: a name is never looked up."""
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _email(text: str) -> str:
    if not EMAIL_ADDRESS.fullmatch(text.strip()):
        raise ValueError("must be an e-mail address such as forms@example.org")
    return text.strip()


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.strip().lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.strip().lower()

    return read


Value = TypeVar("Value")


def setting(
    default: object,
    doc: str,
    read: Callable[[str], object] = _text,
    *,
    secret: bool = False,
    area: str = "",
    shown: str = "",
) -> Any:  # noqa: ANN401 - as `dataclasses.field`: what stands on the right of a field of any type
    """A field of `Settings`: its default, its text for the reference, and how the variable is read.

    secret: it may be in a file, named by the variable with ``_FILE`` at its end. area: its heading in the reference.
    shown: how the reference describes the default where its value says too little.
    """
    metadata = {"doc": doc, "read": read, "secret": secret, "area": area, "shown": shown}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set. Each field is the variable of its name in capitals after ``FORMENGINE_``."""

    data: Path = setting(
        Path("formengine-data"),
        "The folder that holds the database. Made, with mode 700, when it is not there.",
        _path,
        area="Where things are kept",
    )
    keys_file: Path | None = setting(
        None,
        "The file with the keys that seal everything. It must not lie in the data folder: who copies one must not get "
        "the other. Made, with mode 600, at the first start.",
        _path,
        area="Where things are kept",
        shown="the data folder's name with `.keys` at its end, beside that folder",
    )
    base_url: str = setting(
        "http://127.0.0.1:8000",
        "The address under which people reach the service, with the path below which it stands where it has one, such "
        "as `https://example.org/forms`. Links in e-mails begin with it, and its host is allowed. It must begin "
        "with `https://` except on this machine.",
        _web_address,
        area="Addresses",
    )
    allowed_hosts: tuple[str, ...] = setting(
        (),
        "Further host names under which the service may be asked, with commas between. Others are refused.",
        _hosts,
        area="Addresses",
        shown="none",
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        "Addresses of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, with commas "
        "between.",
        _listed,
        area="Addresses",
        shown="none",
    )
    portal: Path | None = setting(
        None,
        "The portal's definition.",
        _path,
        area="Forms and looks",
        shown="the one that comes with formengine",
    )
    definitions: tuple[Path, ...] = setting(
        (),
        "Folders of form definitions, with commas between; they are sought before those that come with formengine.",
        _paths,
        area="Forms and looks",
        shown="those that come with formengine",
    )
    themes: tuple[Path, ...] = setting(
        (),
        "Themes, with commas between: folders of own templates, words and styles, or `module:object` for one in an "
        "installed package.",
        _themes,
        area="Forms and looks",
        shown="none",
    )
    field_types: tuple[str, ...] = setting(
        (),
        "Field types from installed packages, each named `module:object`, with commas between.",
        _listed,
        area="Forms and looks",
        shown="none",
    )
    smtp_host: str = setting(
        "",
        "The mail server. Without it no e-mail is sent, so that nobody can register or sign in.",
        _host,
        area="E-mail",
        shown="none",
    )
    smtp_port: int = setting(587, "The mail server's port.", _port, area="E-mail")
    smtp_security: str = setting(
        "starttls",
        "`starttls`: the connection is encrypted after a greeting. `tls`: from its beginning (port 465). It is never "
        "left in clear.",
        _one_of("starttls", "tls"),
        area="E-mail",
    )
    smtp_ca_file: Path | None = setting(
        None,
        "Certificates in PEM that the mail server's own is checked against.",
        _path,
        area="E-mail",
        shown="the system's",
    )
    smtp_user: str = setting("", "The name to sign in to the mail server with.", area="E-mail", shown="none")
    smtp_password: str = setting("", "Its password.", secret=True, area="E-mail", shown="none")
    mail_from: str = setting(
        "",
        "The address that e-mails come from. Needed with a mail server.",
        _email,
        area="E-mail",
        shown="none",
    )
    clamd_host: str = setting(
        "",
        "The host of ClamAV's clamd. Without clamd uploads wait for a scan that never comes; `doctor` says so.",
        _host,
        area="Virus scanner",
        shown="none",
    )
    clamd_port: int = setting(3310, "Its port.", _port, area="Virus scanner")
    clamd_socket: Path | None = setting(
        None, "Its Unix socket, in place of host and port.", _path, area="Virus scanner", shown="none"
    )
    os_places_key: str = setting(
        "",
        "The key for OS Places. Without it nobody can look an address up; entering it by hand always works.",
        secret=True,
        area="Address look-up",
        shown="none",
    )
    os_places_url: str = setting(
        "https://api.os.uk/search/places/v1", "Where OS Places is.", _web_address, area="Address look-up"
    )
    webhook_private: bool = setting(
        False,
        "Whether webhooks may go to this machine and to private networks, and without encryption. Where it is not set, "
        "an address that leads there is not called.",
        _yes_no,
        area="Delivery",
        shown="no",
    )
    webhook_ca_file: Path | None = setting(
        None,
        "Certificates of authorities that webhooks are trusted by, beside the system's own.",
        _path,
        area="Delivery",
        shown="the system's own alone",
    )
    digest_mail: str = setting(
        "",
        "An address that a digest is sent to once a day: what came, what waits beyond its deadline and what was not "
        "delivered. No personal data is in it.",
        _email,
        area="Delivery",
        shown="none",
    )
    metrics_token: str = setting(
        "",
        "What a program must send as `Authorization: Bearer …` to read `/metrics`. Without it only this machine may.",
        secret=True,
        area="Watching it",
        shown="none",
    )
    audit_head_file: Path | None = setting(
        None,
        "A file that the audit's head is added to once a day, best one on another machine's disk: `formengine audit "
        "verify` shows by it whether the end of the audit was cut off.",
        _path,
        area="Watching it",
        shown="none",
    )
    audit_head_mail: str = setting(
        "",
        "An address that the audit's head is sent to once a day, for the same purpose. No personal data is in it.",
        _email,
        area="Watching it",
        shown="none",
    )
    demo: bool = setting(
        False,
        "Whether this is for trying out: e-mails are shown on a page in place of being sent. `serve --demo` sets it. "
        "Never for real people.",
        _yes_no,
        area="Trying it",
        shown="no",
    )
    mailboxes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    folders: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    webhooks: Mapping[str, Webhook] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "formengine.sqlite3"

    @property
    def keys_path(self) -> Path:
        """The file with the keys."""
        return self.keys_file or self.data.with_name(f"{self.data.name}.keys")

    @property
    def prefix(self) -> str:
        """The path below which people reach the service, such as ``/forms``; "" for the whole host."""
        return urlsplit(self.base_url).path

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that requests may name, without ports; the loopback ones while the base address is one."""
        own = split_host(urlsplit(self.base_url).netloc)
        loopback = LOOPBACK_HOSTS if own in LOOPBACK_HOSTS else ()
        return tuple(dict.fromkeys((own, *loopback, *self.allowed_hosts)))

    @property
    def clamd(self) -> str | tuple[str, int] | None:
        """Where clamd is: a socket's path, or host and port; None without one."""
        if self.clamd_socket is not None:
            return str(self.clamd_socket)
        return (self.clamd_host, self.clamd_port) if self.clamd_host else None


def split_host(host: str) -> str:
    """A host of a request without its port, in small letters: ``[::1]`` of ``[::1]:8000``."""
    if host.startswith("["):
        return host[: host.find("]") + 1].lower()
    return host.partition(":")[0].lower()


def described() -> tuple[Field[Any], ...]:
    """The fields that a variable sets, in order."""
    return tuple(each for each in fields(Settings) if "doc" in each.metadata)


def variable_of(setting: Field[Any]) -> str:
    """``FORMENGINE_SMTP_HOST`` of ``smtp_host``."""
    return PREFIX + setting.name.upper()


def settings_of(environment: Mapping[str, str]) -> Settings:
    """The settings in these variables. Raises `SettingError` for the first that cannot be used.

    A variable that is empty counts as not there. An unknown one with our prefix is refused: it is a mistake, and what
    it was to set would silently keep its default.
    """
    given: dict[str, Any] = {}
    known = set()
    for each in described():
        variable = variable_of(each)
        known.add(variable)
        text = environment.get(variable, "")
        if each.metadata["secret"]:
            known.add(f"{variable}_FILE")
            text = _secret(variable, text, environment.get(f"{variable}_FILE", ""))
        if text.strip():
            given[each.name] = _read(variable, text, each.metadata["read"])
    mailboxes = {
        name.removeprefix(_MAILBOX).lower(): _read(name, text, _email)
        for name, text in environment.items()
        if name.startswith(_MAILBOX) and text.strip()
    }
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known | _OTHERS and not name.startswith(_NAMED):
            if name in _RENAMED:
                raise SettingError(name, f"is called {_RENAMED[name]} now; rename it")
            raise SettingError(name, "is not known; see docs/configuration.md for the variables there are")
    webhooks = _webhooks(environment, private=given.get("webhook_private", False))
    folders = {
        name.lower(): _read(f"{_FOLDER}{name}", text, _folder)
        for name, text in _after(_FOLDER, environment).items()
    }
    return Settings(
        **given,
        mailboxes=MappingProxyType(mailboxes),
        folders=MappingProxyType(folders),
        webhooks=MappingProxyType(webhooks),
    )


def _webhooks(environment: Mapping[str, str], *, private: bool) -> dict[str, Webhook]:
    """The webhooks by their mailboxes' names. Raises `SettingError`, such as for one without a secret."""
    urls = _after(_WEBHOOK_URL, environment)
    fulls = _after(_WEBHOOK_FULL, environment)
    secrets = {
        name.removesuffix("_FILE") if name.endswith("_FILE") else name
        for name in _after(_WEBHOOK_SECRET, environment)
    }
    for prefix, names in ((_WEBHOOK_SECRET, secrets), (_WEBHOOK_FULL, set(fulls))):
        for name in sorted(names - set(urls)):
            raise SettingError(f"{_WEBHOOK_URL}{name}", f"is not set, though {prefix}{name} is")
    found = {}
    for name, text in sorted(urls.items()):
        variable, secret = f"{_WEBHOOK_URL}{name}", f"{_WEBHOOK_SECRET}{name}"
        url = _read(variable, text, webhook_address)
        if not private and not url.startswith("https://"):
            raise SettingError(variable, f"must begin with https:// unless {PREFIX}WEBHOOK_PRIVATE is set")
        given = _secret(secret, environment.get(secret, ""), environment.get(f"{secret}_FILE", ""))
        if not given.strip():
            raise SettingError(secret, f"is not set, though {variable} is")
        found[name.lower()] = Webhook(
            url,
            # In a file the old and the new secret may have a line each.
            _read(secret, " ".join(given.split()), webhook_secrets),
            full=_read(f"{_WEBHOOK_FULL}{name}", fulls.get(name, "no"), _yes_no),
        )
    return found


def _after(prefix: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that begin with this prefix and are not empty, by the rest of their names."""
    return {
        name.removeprefix(prefix): text
        for name, text in environment.items()
        if name.startswith(prefix) and text.strip()
    }


# Variables of ours that set nothing here: the build's, and the tests' that end the process at a point.
_OTHERS = frozenset({f"{PREFIX}ASSETS", f"{PREFIX}FAULT_POINT", f"{PREFIX}FAULT_LOG"})

# Variables of earlier versions, and their names now.
_RENAMED = {f"{PREFIX}PACKS": f"{PREFIX}THEMES"}


def _read(variable: str, text: str, read: Callable[[str], Value]) -> Value:
    if "\0" in text or "\n" in text.strip():
        raise SettingError(variable, "must be one line")
    try:
        return read(text)
    except ValueError as error:
        raise SettingError(variable, str(error)) from None


def _secret(variable: str, text: str, path: str) -> str:
    """The secret itself, from the variable or from the file that its counterpart with ``_FILE`` names."""
    if not path.strip():
        return text
    if text.strip():
        raise SettingError(f"{variable}_FILE", f"and {variable} are both set; set one")
    try:
        return Path(path.strip()).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingError(f"{variable}_FILE", f"names {path.strip()}, which cannot be read") from None
