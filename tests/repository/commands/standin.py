"""Replaces kubectl, helm and make in a reader's shell: the real program judges the words, and changes nothing.

Each call is written to a file, with what the program said. Whether it succeeded depends on the reader, so the shell is
told what RELEASEFLOW_EXIT says: both ways through a block are walked.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

SECONDS = 60
FOLLOWING_SECONDS = 2
"""How long a command that goes on until something happens is left running; a mistake in its words ends it at once."""

WRITES = {"annotate", "label", "patch", "apply", "create", "delete", "scale", "set", "taint", "run"}
READS = {"get", "describe", "logs", "auth", "wait", "rollout", "exec", "events", "explain", "edit", "config"}
READS |= {"port-forward"}
ATTACHED = {"--rm", "-it", "--attach"}
"""With these `kubectl run` cannot be tried."""

FOLLOWS = {"--watch", "-w", "-f", "wait", "exec", "port-forward", "status", "logs", "run"}
HELM_WRITES = {"install": "--dry-run=client", "upgrade": "--dry-run=server", "uninstall": "--dry-run"}
HELM_WRITES["rollback"] = "--dry-run=client"


def harmless(program: str, words: list[str]) -> list[str]:
    """Return the words with which the program only says what it would do."""
    if program == "helm":
        return [*words, *(HELM_WRITES[word] for word in words[:1] if word in HELM_WRITES)]
    verb = next((word for word in words if word in WRITES | READS), "")
    if verb not in WRITES or "--local" in words or any(word.startswith("--dry-run") for word in words):
        return words
    end = words.index("--") if "--" in words else len(words)
    told = [word for word in words[:end] if verb != "run" or word not in ATTACHED]
    return [*told, "--dry-run=server", *words[end:]]


def called(program: str, words: list[str]) -> dict[str, object]:
    """Run the real program, and return what it said."""
    if program == "make":
        return {"said": unknown_target(words), "out": ""}
    real = os.environ[f"RELEASEFLOW_{program.upper()}"]
    given = None if {"-", "-f-"} & set(words) else subprocess.DEVNULL
    follows = bool(FOLLOWS & set(words))
    try:
        done = subprocess.run(
            [real, *harmless(program, words)], stdin=given, capture_output=True, text=True, check=False,
            timeout=FOLLOWING_SECONDS if follows else SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"said": "" if follows else "it does not end", "out": ""}
    return {"said": done.stderr.strip() or f"exit {done.returncode}" if done.returncode else "", "out": done.stdout}


def unknown_target(words: list[str]) -> str:
    """Say which of make's targets do not exist: even a dry run of make would set up the tools."""
    makefile = (Path(os.environ["RELEASEFLOW_ROOT"]) / "Makefile").read_text(encoding="utf-8")
    targets = [word for word in words if not word.startswith("-") and "=" not in word]
    return "".join(f"no target {name}" for name in targets if f"\n{name}:" not in makefile)


def main() -> None:
    """Stand in for the program that this is called by."""
    program, words = Path(sys.argv[1]).name, sys.argv[2:]
    call = called(program, words)
    out = str(call.pop("out"))
    with Path(os.environ["RELEASEFLOW_CALLS"]).open("a", encoding="utf-8") as calls:
        calls.write(json.dumps({"command": [program, *words], **call}) + "\n")
    if program != "make":
        sys.stdout.write(out)
    sys.exit(int(os.environ["RELEASEFLOW_EXIT"]))


if __name__ == "__main__":
    main()
