"""What the operator asks of a step: the variables RELEASEFLOW_* of its container."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from tomllib import loads

from releaseflow.engines.program import ClientProgram, Connection, ConnectionAbsentError, ConnectionUnreadableError
from releaseflow.steps.failure import StepFailed
from releaseflow.steps.places.place import Place

_ENGINES = "releaseflow.engines"
_PLACES = "releaseflow.steps.places"


@dataclass(frozen=True)
class Settings:
    """The variables of a container, each read when it is needed."""

    variables: Mapping[str, str]

    @property
    def report(self) -> Path:
        """File that the step's report goes to."""
        return Path(self.variables.get("RELEASEFLOW_REPORT", "/dev/termination-log"))

    @property
    def path(self) -> str:
        """Path of the backup in its place."""
        return self._text("PATH")

    @property
    def database_url(self) -> str:
        """The URL of the database, where one is given."""
        return self._text("DATABASE_URL")

    @property
    def bookkeeping(self) -> str:
        """What asks for the migration tool's bookkeeping."""
        return self._text("BOOKKEEPING")

    @property
    def folder(self) -> Path:
        """Folder of the migrations in the image."""
        return Path(self._text("FOLDER"))

    @property
    def ignored(self) -> str:
        """Regular expression for names of files that are no migrations; empty where each is one."""
        return self._text("IGNORED")

    @property
    def migration_name(self) -> str:
        """Regular expression for the name of a migration; its group is what the tool records."""
        return self._text("MIGRATION_NAME")

    @property
    def table(self) -> str:
        """Table with the migrations that are applied."""
        return self._text("TABLE")

    @property
    def recorded(self) -> str:
        """What asks for the migrations that are applied."""
        return self._text("RECORDED")

    @property
    def pending_code(self) -> int:
        """Exit code that says that something is pending."""
        return int(self._text("PENDING"))

    @property
    def minimum_size_bytes(self) -> int:
        """Bytes below which a backup is not believed."""
        return int(self._text("MINIMUM_SIZE_BYTES"))

    @property
    def prune(self) -> tuple[tuple[str, str], ...]:
        """Checksums and paths of the old backups that may go."""
        lines = (line.split(" ", 1) for line in self._text("PRUNE").splitlines())
        return tuple((line[0], line[1]) for line in lines if line[1:])

    def restore(self, sha256: str) -> str:
        """Return the command that restores the backup of this checksum."""
        return self._text("RESTORE").replace("<SHA256>", sha256)

    @cached_property
    def engine(self) -> ClientProgram:
        """The client programs of the database's engine."""
        module: ClientProgram = import_module(f"{_ENGINES}.{self._engine}.client")
        return module

    @cached_property
    def place(self) -> Place:
        """The place for backups: the variable says which kind, and where it is."""
        kind, _colon, address = self._text("PLACE").partition(":")
        place: Place = import_module(f"{_PLACES}.{kind}").Place(address)
        return place

    @cached_property
    def connection(self) -> Connection:
        """The way to the database.

        Raises:
            StepFailed: The variables name none that can be read.
        """
        file = import_module(_ENGINES).__path__[0]
        facts = loads(Path(file, self._engine, "engine.toml").read_text("utf-8"))
        try:
            return self.engine.connect(self.variables, facts["client"]["schemes"])
        except ConnectionAbsentError as error:
            raise StepFailed("ConnectionNotFound", str(error)) from None
        except ConnectionUnreadableError as error:
            raise StepFailed("ConnectionFailed", str(error)) from None

    @property
    def _engine(self) -> str:
        return self._text("ENGINE").lower()

    def _text(self, name: str) -> str:
        return self.variables.get(f"RELEASEFLOW_{name}", "")


def settings_of_container() -> Settings:
    """Return the settings of the container that this runs in."""
    return Settings(dict(os.environ))
