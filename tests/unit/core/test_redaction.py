"""What looks like a secret is hidden, what a reader needs stays, and no log takes long."""

import time
from unicodedata import bidirectional, category

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from releaseflow.core.redaction import HIDDEN, one_line, scrub, tail

ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine that others keep busy is slow, which is no fault of the code."""

SECRET = "Tr0ub4dor&3"  # noqa: S105 (nobody's)
PIECES = [
    "a", "A1/", "://", "://:", "://a:", "password=", "password ", "password '", 'password="', "-----BEGIN ",
    "-----BEGIN A-----", "bearer ", "eyJ", "eyJaaaaaaaaa.", "\x1b[", 'secret"  ', "A", "aA1", "=", "@",
    "passpasswordtoken", "api_", "0f", "\n", " ",
]  # fmt: skip
TRACEBACK = '''Traceback (most recent call last):
  File "/venv/lib/python3.11/site-packages/django/db/backends/utils.py", line 100, in _execute
    with self.db.wrap_database_errors:
django.db.utils.ProgrammingError: column "town" of relation "shop_warehouse" does not exist
LINE 1: INSERT INTO shop_warehouse (town) VALUES ('Utrecht')
  Applying shop.0003_warehouses_with_a_name_that_is_rather_long_20261123...
pod shop-12-0123456789-migrate-abcdef0123-x7k2p of 6f1a2b3c-1111-2222-3333-444455556666
ghcr.io/acme/shop@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
FATAL:  password authentication failed for user "shop"'''


@pytest.mark.parametrize("text", [
    "postgresql://shop:{}@db:5432/shop", "redis://:{}@cache", "password={}", "PGPASSWORD={} psql", "DB_PASSWORD: {}",
    '"password": "{}"', "'PASSWORD': '{}', 'HOST'", "host=db password='{}' user=x", "secret_key={}", "api-key={}",
    "ALTER ROLE shop PASSWORD '{}'", "token = {}", "Authorization: Bearer {}aaaaaa", "auth_token=>{}", "passwd:{}",
    "postgresql://shop:a@{}@db/shop", "https://a:b@x https://u:{}@y",
])  # fmt: skip
def test_secrets_are_hidden(text: str) -> None:
    clean = scrub(text.format(SECRET))
    assert SECRET not in clean
    assert "Tr0ub4dor" not in clean
    assert HIDDEN in clean


@pytest.mark.parametrize("secret", [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "d41d8cd98f00b204e9800998ecf8427e",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nabc=\n-----END PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\nMIIEcut",
])  # fmt: skip
def test_keys_and_tokens_are_hidden(secret: str) -> None:
    assert scrub(f"got {secret} here") in {f"got {HIDDEN} here", f"got {HIDDEN}"}


@ANY_MACHINE
@given(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\"'"), min_size=4, max_size=40)
)
def test_of_a_named_secret_nothing_is_left_up_to_the_next_space(secret: str) -> None:
    for text in (f"DB_PASSWORD=x{secret} next", f"password: x{secret}\nnext", f"token => x{secret}"):
        assert set(scrub(text).split()) <= {f"DB_PASSWORD={HIDDEN}", "password:", "token", "=>", HIDDEN, "next"}


def test_a_secret_with_control_characters_is_hidden() -> None:
    assert SECRET not in scrub(f"pass\x1b[31mword=\x00{SECRET}")
    assert scrub("a\x1b[1;31mb\x07c\u202ed\r\ne\rf") == "abcd\ne\nf"


def test_what_a_reader_needs_stays() -> None:
    assert scrub(TRACEBACK) == TRACEBACK


@ANY_MACHINE
@given(st.text())
def test_no_control_character_comes_through(text: str) -> None:
    clean = scrub(text)
    assert all(c in "\n\t" or category(c) not in {"Cc", "Cs", "Zl", "Zp"} for c in clean)
    assert all(bidirectional(c) not in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"} for c in clean)


@ANY_MACHINE
@given(st.text(), st.integers(1, 50))
def test_one_line_is_one_line_and_short(text: str, longest: int) -> None:
    line = one_line(text, longest)
    assert len(line) <= longest
    assert len(line.splitlines()) <= 1


@ANY_MACHINE
@given(st.text(), st.integers(1, 30), st.integers(1, 4096))
def test_a_tail_stays_within_its_bounds(text: str, lines: int, size: int) -> None:
    end = tail(text, lines, size)
    assert len(end.encode()) <= size
    assert end.count("\n") < lines


def test_a_tail_is_the_end() -> None:
    assert tail("\n".join(f"line {n}" for n in range(100))).splitlines() == [f"line {n}" for n in range(20, 100)]
    assert tail("one line\n") == "one line"
    assert tail("é" * 2000, size=11) == "é" * 5


def test_the_half_line_at_the_cut_of_the_kubelet_is_left_out() -> None:
    cut = f"{SECRET}@db/shop\n" + "x" * 2048
    assert SECRET not in tail(cut, size=4096)
    assert tail("x" * 3000, size=4096) == "x" * 3000


@pytest.mark.parametrize("piece", PIECES)
def test_no_log_takes_long(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    started = time.process_time()
    scrub(text)
    assert time.process_time() - started < 0.5
