"""How the service is configured: what a variable means, and how one that cannot be used ends the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.service.settings import (
    SettingError,
    Settings,
    described,
    settings_of,
    split_host,
    variable_of,
)
from tests.support.docs_pages import CHECKOUT, text_of


def test_without_any_variable_it_is_a_service_of_this_machine() -> None:
    settings = settings_of({"PATH": "/usr/bin", "HOME": "/home/forms"})
    assert settings == Settings()
    assert settings.database == Path("formengine-data/formengine.sqlite3")
    assert settings.keys_path == Path("formengine-data.keys")
    assert settings.hosts == ("127.0.0.1", "localhost", "[::1]")
    assert settings.clamd is None
    assert settings.demo is False


def test_a_variable_of_an_earlier_version_stops_the_start_and_names_its_new_name() -> None:
    with pytest.raises(SettingError) as refused:
        settings_of({"FORMENGINE_PACKS": "looks"})
    assert str(refused.value) == "FORMENGINE_PACKS is called FORMENGINE_THEMES now; rename it"


def test_every_variable_is_read(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("quiet heron\n", encoding="utf-8")
    settings = settings_of(
        {
            "FORMENGINE_DATA": "/var/lib/formengine",
            "FORMENGINE_KEYS_FILE": "/etc/formengine/keys",
            "FORMENGINE_BASE_URL": "https://forms.example.org/portal/",
            "FORMENGINE_ALLOWED_HOSTS": "Forms.Example.com, forms",
            "FORMENGINE_TRUSTED_PROXIES": "127.0.0.1,::1",
            "FORMENGINE_PORTAL": "portal.yaml",
            "FORMENGINE_DEFINITIONS": "one, two",
            "FORMENGINE_THEMES": "looks",
            "FORMENGINE_SMTP_HOST": "mail.example.org",
            "FORMENGINE_SMTP_PORT": "465",
            "FORMENGINE_SMTP_SECURITY": "TLS",
            "FORMENGINE_SMTP_USER": "forms",
            "FORMENGINE_SMTP_PASSWORD_FILE": str(tmp_path / "password"),
            "FORMENGINE_MAIL_FROM": "forms@example.org",
            "FORMENGINE_CLAMD_HOST": "scanner",
            "FORMENGINE_METRICS_TOKEN": "t",
            "FORMENGINE_OS_PLACES_KEY": "k",
            "FORMENGINE_DEMO": "yes",
            "FORMENGINE_MAILBOX_FRONT_DOOR": "front.door@example.org",
        }
    )
    assert settings == Settings(
        data=Path("/var/lib/formengine"),
        keys_file=Path("/etc/formengine/keys"),
        base_url="https://forms.example.org/portal",
        allowed_hosts=("forms.example.com", "forms"),
        trusted_proxies=("127.0.0.1", "::1"),
        portal=Path("portal.yaml"),
        definitions=(Path("one"), Path("two")),
        themes=(Path("looks"),),
        smtp_host="mail.example.org",
        smtp_port=465,
        smtp_security="tls",
        smtp_user="forms",
        smtp_password="quiet heron",
        mail_from="forms@example.org",
        clamd_host="scanner",
        metrics_token="t",
        os_places_key="k",
        demo=True,
        mailboxes={"front_door": "front.door@example.org"},
    )
    assert settings.hosts == ("forms.example.org", "forms.example.com", "forms")
    assert settings.clamd == ("scanner", 3310)
    assert settings_of({"FORMENGINE_CLAMD_SOCKET": "/run/clamd.ctl"}).clamd == "/run/clamd.ctl"


@pytest.mark.parametrize(
    ("variable", "text", "line"),
    [
        ("SMTP_PORT", "99999", "must be a port, a number from 1 to 65535"),
        ("SMTP_PORT", "mail", "must be a port, a number from 1 to 65535"),
        (
            "SMTP_HOST",
            "smtp://mail",
            "must be the name or the address of a host, without https:// and without a port",
        ),
        ("SMTP_SECURITY", "none", "must be one of starttls, tls"),
        ("MAIL_FROM", "Forms <forms@example.org>", "must be an e-mail address such as forms@example.org"),
        ("MAILBOX_FRONT_DOOR", "a@b, c@d", "must be an e-mail address such as forms@example.org"),
        ("BASE_URL", "forms.example.org", "must be an address such as https://forms.example.org"),
        ("BASE_URL", "https://a:b@example.org", "must be an address such as https://forms.example.org"),
        ("BASE_URL", "https://example.org/?a", "must be an address such as https://forms.example.org"),
        ("BASE_URL", "javascript://x", "must be an address such as https://forms.example.org"),
        ("BASE_URL", "https://[bad", "must be an address such as https://forms.example.org"),
        (
            "ALLOWED_HOSTS",
            "*",
            "must be the name or the address of a host, without https:// and without a port",
        ),
        ("DEMO", "maybe", "must be yes or no"),
        ("DATA", "a\nb", "must be one line"),
        ("DATE", "x", "is not known; see docs/configuration.md for the variables there are"),
        ("SMTP_PASSWORD_FILE", "/no/such/file", "names /no/such/file, which cannot be read"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_plain_line_with_the_variables_name(
    variable: str, text: str, line: str
) -> None:
    with pytest.raises(SettingError) as told:
        settings_of({f"FORMENGINE_{variable}": text})
    assert str(told.value) == f"FORMENGINE_{variable} {line}"


def test_a_secret_set_twice_is_refused_and_shown_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file", encoding="utf-8")
    with pytest.raises(SettingError) as told:
        settings_of(
            {
                "FORMENGINE_METRICS_TOKEN": "from the variable",
                "FORMENGINE_METRICS_TOKEN_FILE": str(tmp_path / "secret"),
            }
        )
    assert (
        str(told.value) == "FORMENGINE_METRICS_TOKEN_FILE and FORMENGINE_METRICS_TOKEN are both set; set one"
    )


def test_what_is_no_secret_has_no_file_beside_it() -> None:
    with pytest.raises(SettingError, match="FORMENGINE_SMTP_HOST_FILE is not known"):
        settings_of({"FORMENGINE_SMTP_HOST_FILE": "/x"})


def test_an_empty_variable_counts_as_not_set() -> None:
    assert settings_of({"FORMENGINE_SMTP_HOST": "  ", "FORMENGINE_DEMO": ""}) == Settings()


@given(st.sampled_from([variable_of(each) for each in described()]), st.text(max_size=60))
def test_any_text_is_read_or_refused_with_the_variables_name(variable: str, text: str) -> None:
    told = variable
    try:
        settings_of({variable: text})
    except SettingError as error:
        told = str(error)
    assert told.startswith(variable)
    assert "\n" not in told


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("a:80", "a"),
        ("A.Example", "a.example"),
        ("[::1]:8000", "[::1]"),
        ("[::1", ""),
        ("", ""),
        ("a/b", "a/b"),
    ],
)
def test_a_hosts_name_is_what_stands_before_its_port(host: str, name: str) -> None:
    assert split_host(host) == name


def test_the_reference_lists_every_variable_once() -> None:
    page = text_of(CHECKOUT / "docs/configuration.md")
    for each in described():
        assert page.count(f"| `{variable_of(each)}` |") == 1
