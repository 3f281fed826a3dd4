"""What a row of the table of reasons says, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from releaseflow.api.v1alpha1.reasons import Reason

NAMESPACE, JOB, POD, ACCOUNT = "{namespace}", "{job}", "{pod}", "{serviceaccount}"
"""What is filled into the commands of a remedy where it is known."""
SERVES = "{serves}"
"""Place in a remedy for the sentence that the old version keeps serving, where a flow holds the new one back."""
_SERVES = "The old version keeps serving. "


class Severity(StrEnum):
    """Type of the Event that a reason is worth while the work goes on; what has stalled is always a warning."""

    NORMAL = "Normal"
    WARNING = "Warning"


class Row(NamedTuple):
    """A reason in words."""

    meaning: str
    """What is the case, as a sentence."""
    remedy: str = ""
    """What a person does about it, without a period, with commands in backticks; empty where that is nothing."""
    severity: Severity = Severity.NORMAL
    retry: bool = False
    """Whether a person then has to retry the release."""


@dataclass(frozen=True)
class Section:
    """A section of the manual, and the reasons that it explains."""

    title: str
    page: str
    """File in docs/operate."""
    rows: Mapping[Reason, Row]


class _Known(dict[str, str]):
    """What is known of an object, with a word in capitals for what is not."""

    def __missing__(self, key: str) -> str:
        return key.upper()


def fill_in(text: str, *, serves: bool = True, **known: str) -> str:
    """Return a remedy as a page shows it, with what is known filled into its commands."""
    return text.replace(SERVES, _SERVES if serves else "").format_map(
        _Known({name: value for name, value in known.items() if value})
    )
