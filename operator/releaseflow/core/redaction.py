"""Text of others, made fit for a status: nothing that looks like a secret, no control characters, not long.

Every pattern runs in time that grows with the text and no faster: what it scans is somebody's log.
"""

import re

HIDDEN = "***"

_LONGEST_SCANNED = 65_536
_LOG_LIMIT = 2048
"""Bytes of a container's log that the kubelet puts into a termination message: its first line may be half a line."""

_CONTROL = re.compile(
    r"\x1b\[[0-9;?]{0,32}[@-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
"""Escape sequences, control characters, and those that are not seen or turn the direction of what follows."""

_SPACES = re.compile(r"\s+")
_PEM = re.compile(r"-----BEGIN [A-Z ]{0,40}-----[A-Za-z0-9+/=\s]*(?:-----END [A-Z ]{0,40}-----)?")
_URL_PASSWORD = re.compile(r"(?<=://)([^\s:/@]*):[^\s/]*@")
_NAMED = re.compile(
    r"(?i)((?:pass(?:wd|word|phrase|code)|pwd|secret|token|credentials?|(?:api|access|private|secret)[_-]?key)"
    r"[\"']?\s{0,3}(?:=>?|:)\s{0,3})"
    r"(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\s\"']+)"
)
_SQL_PASSWORD = re.compile(r"(?i)(\bpassword\s{1,3})'[^'\n]*'?")
_AUTHORIZATION = re.compile(r"(?i)\b(bearer|basic)\s{1,3}[a-z0-9._~+/=-]{6,}")
_WEB_TOKEN = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*")
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/])(?=[a-z0-9+/]*[A-Z])(?=[A-Z0-9+/]*[a-z])(?=[A-Za-z+/]*[0-9])[A-Za-z0-9+/]{32,}={0,2}"
)
_HEX = re.compile(r"(?<![A-Za-z0-9])(?<!sha256:)[0-9a-fA-F]{32,}(?![A-Za-z0-9])")


def scrub(text: str) -> str:
    """Return the text without control characters, and with what looks like a secret hidden."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _PEM.sub(HIDDEN, text)
    text = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
    for named in (_AUTHORIZATION, _SQL_PASSWORD):
        text = named.sub(rf"\1 {HIDDEN}", text)
    text = _NAMED.sub(rf"\1{HIDDEN}", text)
    for secret in (_WEB_TOKEN, _BASE64, _HEX):
        text = secret.sub(HIDDEN, text)
    return text


def one_line(text: str, longest: int) -> str:
    """Return the text scrubbed, on one line, and cut to a number of characters."""
    return _SPACES.sub(" ", scrub(text[:_LONGEST_SCANNED])).strip()[:longest]


def tail(text: str, lines: int = 80, size: int = 2048) -> str:
    """Return the last lines of a log, scrubbed and cut to a number of bytes."""
    text = text[-_LONGEST_SCANNED:]
    _partial, line_break, rest = text.partition("\n")
    if line_break and len(text.encode(errors="replace")) >= _LOG_LIMIT:
        text = rest
    last = "\n".join(scrub(text).strip().split("\n")[-lines:])
    return last.encode()[-size:].decode(errors="ignore")
