"""The database of a scenario, as far as a gate can tell: what was migrated, and what went on at one time."""

import hashlib
import json
from dataclasses import dataclass, field

IDENTITY = "1d" * 32
SHA256 = "5a" * 32
SIZE = 4096


@dataclass(frozen=True)
class Start:
    """A migration that began."""

    image: str
    run_uid: str
    pod_uid: str


@dataclass
class Database:
    """What is known of the database that only the pods touch."""

    identity: str = IDENTITY
    """By what its dumps tell it from other databases."""
    applied: list[str] = field(default_factory=list)
    """Images whose migration is done, in order."""
    torn: list[str] = field(default_factory=list)
    """Images whose migration began and did not come to its end."""
    starts: list[Start] = field(default_factory=list)
    running: dict[str, Start] = field(default_factory=dict)
    is_backed_up: bool = True
    """Whether a backup is taken before each migration."""
    proven: set[str] = field(default_factory=set)
    """UIDs of the runs whose backup was taken and read back."""
    broken_rules: list[str] = field(default_factory=list)
    """What must never happen to a database, and did."""
    forgotten: set[str] = field(default_factory=set)
    """Images whose migration began after the backup that the cluster was restored from: nobody can know of it."""

    def is_pending(self, image: str) -> bool:
        """Whether the migration of an image has something to do."""
        return image not in self.applied

    def begins(self, start: Start) -> None:
        """A migration begins."""
        rules = self.broken_rules
        rules += [f"I6: {start.image} migrates while {other.image} does" for other in self.running.values()]
        rules += [f"I2: the migration of run {s.run_uid} ran twice" for s in self.starts if s.run_uid == start.run_uid]
        rules += [f"I2: {start.image} migrates after that of {image} was torn" for image in self.torn]
        if start.image in self.applied and start.image not in self.forgotten:
            rules.append(f"I2: {start.image} migrates again, although it had succeeded")
        if self.is_backed_up and start.run_uid not in self.proven:
            rules.append(f"I3: {start.image} migrates before its backup was proven")
        self.starts.append(start)
        self.running[start.pod_uid] = start

    def forget(self, starts: int) -> None:
        """Let the cluster know nothing of the migrations that began after the first so many; the database does."""
        self.forgotten |= {start.image for start in self.starts[starts:]}
        del self.starts[starts:]
        self.torn = [image for image in self.torn if image not in self.forgotten]

    def ends(self, pod_uid: str, *, well: bool) -> None:
        """A migration ends, by itself or because its pod was ended."""
        start = self.running.pop(pod_uid, None)
        if start is not None:
            (self.applied if well else self.torn).append(start.image)

    def backup_says(self) -> str:
        """Return the report of a backup."""
        return json.dumps(
            {
                "ok": True,
                "identity": self.identity,
                "serverVersion": "18.1",
                "clientVersion": "18.1",
                "tables": 3,
                **self._schema(),
                "path": "shop/backup.dump",
                "sizeBytes": SIZE,
                "sha256": SHA256,
                "durationSeconds": 1,
                "proof": "pg_restore",
                "provenSHA256": SHA256,
                "provenSizeBytes": SIZE,
            }
        )

    def report_says(self) -> str:
        """Return the database's own word after a migration."""
        return json.dumps({"ok": True, "identity": self.identity, "tables": 3, **self._schema()})

    def _schema(self) -> dict[str, str]:
        known = ",".join((*self.applied, *(f"half of {image}" for image in self.torn)))
        return {"schemaVersion": str(len(self.applied)), "fingerprint": hashlib.sha256(known.encode()).hexdigest()}


def failure_says(reason: str, detail: str) -> str:
    """Return the report of one of our containers that failed."""
    return json.dumps({"ok": False, "reason": reason, "detail": detail})
