"""Plays a vector on a backend, the model or the real API server, and reports where it differs."""

from collections.abc import Iterable
from typing import Protocol

from tests.conformance.language import Act, Answer, Vector
from tests.conformance.projection import canonical


class Backend(Protocol):
    """Something that vectors can be played on; fresh for each."""

    async def do(self, act: Act) -> Answer:
        """Do something, and return the answer."""

    async def answer_shows(self) -> str:
        """Return what the last answer itself showed of its object."""

    async def seen(self, roles: Iterable[str], expected: dict[str, str]) -> dict[str, str]:
        """Return what is seen of roles when the controllers are at rest; who has to wait may wait for the expected."""


async def differences(vector: Vector, backend: Backend) -> list[str]:
    """Return where a stage differs from a vector, at the first step at which it does."""
    for number, step in enumerate(vector.steps, start=1):
        expected = {role: canonical(words) for role, words in step.then.items()}
        found = []
        answer = await backend.do(step.act)
        if answer is not step.answer:
            found.append(f"step {number}, {step.act}: answered {answer.name}, not {step.answer.name}")
        if step.answer_shows and (shown := await backend.answer_shows()) != canonical(step.answer_shows):
            found.append(f"step {number}, {step.act}: the answer shows {shown!r}, not {canonical(step.answer_shows)!r}")
        seen = await backend.seen(step.then, expected) if expected else {}
        found += [
            f"step {number}, {step.act}: {role} is {words!r}, not {expected.get(role)!r}"
            for role, words in seen.items()
            if words != expected.get(role)
        ]
        if found:
            return found
    return []
