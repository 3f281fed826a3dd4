"""What users get wrong in the contract of a flow, and the words that the API server answers with."""

from typing import Any

from tests.e2e.bad_objects import flow
from tests.e2e.objects import ABSENT

BAD_CONTRACTS = [
    flow(
        "contract: nothing to run",
        {"migration": {"command": ["make", "migrate"]}, "contract": {}},
        "spec.contract",
        "nothing says how to contract: write contract.command, or name migration.tool",
    ),
    flow(
        "contract: arguments and a command",
        {"contract": {"command": ["make"], "arguments": ["all"]}},
        "spec.contract.arguments",
        "arguments are for the tool's own command: leave them out, or leave out command and args",
    ),
    flow(
        "contract: arguments without a tool",
        {"migration": {"command": ["make"]}, "contract": {"arguments": ["all"]}},
        "spec.contract.arguments",
        "without migration.tool there is no command that arguments could change",
    ),
    flow(
        "contract: folder",
        {"contract": {"check": {"folder": "/app/migrations"}}},
        "spec.contract.check.folder",
        "cannot tell those that were kept back: leave folder out, or give check.command",
    ),
    flow(
        "contract: without targets",
        {"targets": ABSENT, "contract": {}},
        "spec.contract",
        "it is not known when the old version is gone: leave contract out, or name the targets",
    ),
    flow(
        "contract: of a flow that follows",
        {"mode": "Follow", "image": ABSENT, "contract": {}},
        "spec.contract",
        "it is not known when the old version is gone: leave contract out",
    ),
    flow(
        "contract: an approval of none",
        {"approvals": ["BeforeContract"]},
        "spec.approvals",
        "there is no contract to approve: write contract, or leave BeforeContract out of approvals",
    ),
    flow(
        "contract: soak", {"contract": {"soakSeconds": -1}}, "spec.contract.soakSeconds", "greater than or equal to 0"
    ),
]
GOOD_CONTRACTS: dict[str, dict[str, Any]] = {
    "a contract by the tool": {"contract": {}, "approvals": ["BeforeMigration", "BeforeContract"]},
    "a contract by a command": {
        "migration": {"command": ["make", "migrate"]},
        "contract": {"command": ["make", "contract"], "check": {"command": ["make", "pending"]}, "soakSeconds": 0},
    },
}
