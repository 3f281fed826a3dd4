"""Back the database up: the file gets its name only when it was read back whole."""

import json
import time
from collections.abc import Mapping
from typing import Any

from releaseflow.engines.program import Facts
from releaseflow.steps.failure import StepFailed
from releaseflow.steps.growth import Growth
from releaseflow.steps.inspection import ask, client_version, refuse_sessions, schema_of
from releaseflow.steps.processes import CommandFailedError, stream_of
from releaseflow.steps.proof import prove, reading_back
from releaseflow.steps.prune import manifest_of, prune
from releaseflow.steps.reading import Counted, Sum
from releaseflow.steps.report import say
from releaseflow.steps.settings import Settings


def back_up(settings: Settings) -> Mapping[str, Any]:
    """Dump, read back whole, keep, and remove what the operator names."""
    client, facts = _inspected(settings)
    names = (manifest_of(settings.path), settings.path)
    try:
        report = _kept(settings, facts, client, names)
    except BaseException:
        _discard(settings, names)
        raise
    return {**report, "warning": prune(settings)}


def _inspected(settings: Settings) -> tuple[str, Facts]:
    client = client_version(settings)
    say(f"Inspecting the database with client {client}")
    facts = ask(settings)
    schema = f", schema {facts.schema_version}" if facts.schema_version else ""
    say(f"Server {facts.server_version}, database {facts.database}, {facts.tables} tables{schema}")
    if int(client.partition(".")[0]) < facts.server_major:
        why = f"pg_dump {client} cannot dump a server of version {facts.server_version}"
        raise StepFailed("ClientTooOld", why)
    refuse_sessions(facts)
    return client, facts


def _kept(settings: Settings, facts: Facts, client: str, names: tuple[str, str]) -> Mapping[str, Any]:
    growth, started = Growth(), time.monotonic()
    with reading_back(settings, growth) as back:
        written = _dumped(settings, names, growth)
        seconds = int(time.monotonic() - started)
        say(f"Wrote {written.size_bytes} bytes, sha256 {written.sha256}")
        proof = prove(settings, facts, written, client, back)
    report = {
        **schema_of(facts),
        "serverVersion": facts.server_version,
        "clientVersion": client,
        "path": settings.path,
        "sizeBytes": written.size_bytes,
        "sha256": written.sha256,
        "durationSeconds": seconds,
        **proof,
    }
    manifest = {**report, "database": facts.database, "restoreCommand": settings.restore(written.sha256)}
    try:
        settings.place.write(names[0], [json.dumps(manifest, indent=1).encode()])
        settings.place.put(*names)
    except OSError as error:
        raise _refused(settings, "the backup cannot be kept", error) from error
    return report


def _dumped(settings: Settings, names: tuple[str, str], growth: Growth) -> Sum:
    """Write the dump, its checksum taken on the way, while what is written is read back."""
    say(f"Writing {settings.path}")
    engine, chunks = settings.engine, Counted(stream_of(settings.engine.dump(settings.connection)))
    try:
        settings.place.prepare(*names)
        settings.place.write(settings.path, growth.counted(chunks))
    except OSError as error:
        raise _refused(settings, "the place for backups cannot be written", error) from error
    except CommandFailedError as error:
        raise StepFailed(engine.reason(str(error), "BackupFailed"), f"the dump failed: {error}") from error
    return chunks.sum


def _refused(settings: Settings, what: str, error: OSError) -> StepFailed:
    complaint = f"{what}: {error.strerror}"
    return StepFailed(settings.engine.reason(complaint, "BackupFailed"), complaint)


def _discard(settings: Settings, names: tuple[str, str]) -> None:
    try:
        settings.place.discard(*names)
    except OSError as error:
        say(f"Warning: the unfinished backup stays: {error.strerror}")
