"""The scenarios of a run by hand that goes down."""

from tests.model import way_down
from tests.model.scenario import Scenario

_ENDS = ("migration failed", "rolled back", "no effect", *way_down.TROUBLES)
_OTHERS = ("crash", "answer lost", "late", "delete run", "delete pod")
_SPEC = (("migration", way_down.MIGRATION), ("suspend", True))
SCENARIOS = (
    Scenario(
        "down",
        "a run by hand goes down, its flow suspended: it fails, ends elsewhere, is there already, and one trouble",
        tuple((trouble, 1) for trouble in (*_ENDS, *_OTHERS)),
        2,
        spec=_SPEC,
        goes_down=True,
        quick=True,
    ),
    Scenario(
        "down beside",
        "a run by hand goes down, and its flow is resumed at any moment",
        (("resume", 1),),
        1,
        spec=_SPEC,
        goes_down=True,
        more_steps=20,
        quick=True,
    ),
)
