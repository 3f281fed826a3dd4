"""What our own containers say in their termination message, read without trust."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.redaction import one_line, tail

LONGEST_MESSAGE = 4096
"""Bytes that Kubernetes keeps of a termination message."""
_LONGEST_TEXT = 256
_LONGEST_DETAIL = 500
_LONGEST_IMAGE = 1024
_LARGEST_NUMBER = 2**63 - 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SECOND = re.compile(r"20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ", re.ASCII)
_LSN = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")


@dataclass(frozen=True)
class Unreadable:
    """The container left no report, or not one of the kind that was expected."""


@dataclass(frozen=True)
class FailureReport:
    """A container says why it failed."""

    reason: Reason
    detail: str
    pod: str = ""
    """Another pod that it speaks of."""


@dataclass(frozen=True)
class CommandReport:
    """A command was executed in another container, and has ended."""

    exit_code: int
    pod: str
    image: str
    """As the spec of that pod has it."""
    image_id: str
    log: str
    """The end of what it wrote."""


@dataclass(frozen=True)
class DumpReport:
    """A backup was written."""

    identity: str
    server_version: str
    client_version: str
    tables: int
    schema_version: str
    fingerprint: str
    path: str
    size_bytes: int
    sha256: str
    duration_seconds: int


@dataclass(frozen=True)
class PointReport:
    """The database was asked, and a point to restore it to is known."""

    identity: str
    server_version: str
    client_version: str
    tables: int
    schema_version: str
    fingerprint: str
    time: str
    """By the clock of the database server, in UTC, to the second."""
    lsn: str
    """Position in the write-ahead log; empty where the server tells none."""


@dataclass(frozen=True)
class ProofReport:
    """A backup was read back whole."""

    proof: str
    sha256: str
    """Taken from what was read back: the backup counts only if the dump reported the same."""
    size_bytes: int


@dataclass(frozen=True)
class SchemaReport:
    """The database's own word after a migration."""

    identity: str
    schema_version: str
    fingerprint: str
    tables: int


def dump_report(message: str, default: Reason = Reason.BACKUP_FAILED) -> DumpReport | FailureReport | Unreadable:
    """Read the report of a dump; an unknown reason becomes the default."""
    fields = _fields(message, default)
    if not isinstance(fields, _Fields):
        return fields
    found = DumpReport(
        identity=fields.sha256("identity"),
        server_version=fields.text("serverVersion"),
        client_version=fields.text("clientVersion"),
        tables=fields.number("tables"),
        schema_version=fields.text("schemaVersion"),
        fingerprint=fields.sha256("fingerprint"),
        path=fields.text("path"),
        size_bytes=fields.number("sizeBytes"),
        sha256=fields.sha256("sha256"),
        duration_seconds=max(fields.number("durationSeconds"), 0),
    )
    return (
        found
        if all((found.identity, found.sha256, found.fingerprint, found.path, found.tables >= 0, found.size_bytes > 0))
        else Unreadable()
    )


def point_report(message: str, default: Reason = Reason.BACKUP_FAILED) -> PointReport | FailureReport | Unreadable:
    """Read the report of a recorded point in time; an unknown reason becomes the default."""
    fields = _fields(message, default)
    if not isinstance(fields, _Fields):
        return fields
    found = PointReport(
        identity=fields.sha256("identity"),
        server_version=fields.text("serverVersion"),
        client_version=fields.text("clientVersion"),
        tables=fields.number("tables"),
        schema_version=fields.text("schemaVersion"),
        fingerprint=fields.sha256("fingerprint"),
        time=fields.like(_SECOND, "recoveryTime"),
        lsn=fields.like(_LSN, "recoveryLSN"),
    )
    return found if all((found.identity, found.fingerprint, found.time, found.tables >= 0)) else Unreadable()


def proof_report(message: str, default: Reason = Reason.BACKUP_UNVERIFIED) -> ProofReport | FailureReport | Unreadable:
    """Read the report of a proof; an unknown reason becomes the default."""
    fields = _fields(message, default)
    if not isinstance(fields, _Fields):
        return fields
    found = ProofReport(fields.text("proof"), fields.sha256("provenSHA256"), fields.number("provenSizeBytes"))
    return found if all((found.proof, found.sha256, found.size_bytes > 0)) else Unreadable()


def prune_warning(message: str) -> str:
    """Read why old backups could not be removed; empty where the backup has no complaint of them."""
    fields = _fields(message, Reason.BACKUP_FAILED)
    return fields.text("warning") if isinstance(fields, _Fields) else ""


def executed_report(message: str) -> CommandReport | FailureReport | Unreadable:
    """Read the report on a command that was executed in another container; an unknown reason says nothing of it."""
    fields = _fields(message, Reason.OUTCOME_UNKNOWN)
    if not isinstance(fields, _Fields):
        return fields
    found = CommandReport(
        exit_code=fields.number("exitCode"),
        pod=fields.text("pod"),
        image=fields.text("image", _LONGEST_IMAGE),
        image_id=fields.text("imageID", _LONGEST_IMAGE),
        log=tail(log) if isinstance(log := fields.values.get("log"), str) else "",
    )
    return found if found.exit_code >= 0 and found.pod and found.image else Unreadable()


def schema_report(
    message: str, default: Reason = Reason.OUTCOME_UNVERIFIED
) -> SchemaReport | FailureReport | Unreadable:
    """Read the report on the schema after a migration; an unknown reason becomes the default."""
    fields = _fields(message, default)
    if not isinstance(fields, _Fields):
        return fields
    found = SchemaReport(
        identity=fields.sha256("identity"),
        schema_version=fields.text("schemaVersion"),
        fingerprint=fields.sha256("fingerprint"),
        tables=fields.number("tables"),
    )
    return found if all((found.identity, found.fingerprint, found.tables >= 0)) else Unreadable()


@dataclass(frozen=True)
class _Fields:
    """The fields of a report that says that all went well; what is missing or of another kind reads as empty."""

    values: Mapping[str, Any]

    def text(self, name: str, longest: int = _LONGEST_TEXT) -> str:
        value = self.values.get(name)
        return one_line(value, longest) if isinstance(value, str) else ""

    def sha256(self, name: str) -> str:
        return self.like(_SHA256, name)

    def like(self, pattern: re.Pattern[str], name: str) -> str:
        value = self.values.get(name)
        return value if isinstance(value, str) and pattern.fullmatch(value) else ""

    def number(self, name: str) -> int:
        """Return a number that is not negative, or -1."""
        value = self.values.get(name)
        return value if type(value) is int and 0 <= value <= _LARGEST_NUMBER else -1


def _fields(message: str, default: Reason) -> _Fields | FailureReport | Unreadable:
    try:
        values = json.loads(message) if len(message) <= LONGEST_MESSAGE else None
    except (ValueError, RecursionError):
        return Unreadable()
    if not isinstance(values, dict) or not isinstance(values.get("ok"), bool):
        return Unreadable()
    fields = _Fields(values)
    return fields if values["ok"] else _failure(values, default)


def _failure(values: Mapping[str, Any], default: Reason) -> FailureReport:
    reason, detail = values.get("reason"), values.get("detail")
    known = reason if isinstance(reason, str) and reason in set(Reason) else default
    said = one_line(detail, _LONGEST_DETAIL) if isinstance(detail, str) else ""
    return FailureReport(Reason(known), said, _Fields(values).text("pod"))
