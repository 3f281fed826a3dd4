"""The demo: `make demo`, or `python -m demo` in the root of the repository."""

import argparse
import sys
from pathlib import Path

from demo import load
from demo.commands import Cluster
from demo.errors import DemoError
from demo.progress import Progress
from demo.scenario import Scenario
from demo.setup import have_cluster, set_up
from demo.state import Line, ReleaseState, Tone
from demo.summary import check, farewell
from demo.terminal import Terminal
from demo.watches import Watches

BROKEN_PROMISE = 1
STOPPED = 2
INTERRUPTED = 130


def main(words: list[str]) -> int:
    """Play the demo; 0: every promise was kept, 1: one was broken, 2: it could not be played to its end."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument(
        "--picture",
        type=Path,
        help="an SVG to write of the releases of versions 2 and 3, and beside it a .txt that it is drawn from",
    )
    scene = ReleaseState()
    with Terminal(scene, parser.parse_args(words).picture) as screen:
        try:
            return play(have_cluster(screen), screen, scene)
        except DemoError as error:
            screen.still()
            screen.tell(Line("error", str(error), Tone.BAD))
            return STOPPED
        except KeyboardInterrupt:
            screen.still()
            screen.tell(Line("stopped", "start again: make demo; remove the cluster, if it is up: make cluster-down"))
            return INTERRUPTED


def play(cluster: Cluster, screen: Terminal, scene: ReleaseState) -> int:
    """Play the story on a cluster, and check what its visitors saw."""
    set_up(cluster, screen)
    watches = Watches(cluster)
    try:
        Scenario(cluster, screen, Progress(screen, scene, watches)).play()
    except (DemoError, KeyboardInterrupt):
        load.remove(cluster)
        raise
    finally:
        screen.still()
        watches.close()
    kept = check(cluster, screen)
    farewell(cluster, screen)
    screen.act(
        "Every promise was kept." if kept else "A promise was BROKEN, see above: please report it with this output."
    )
    return 0 if kept else BROKEN_PROMISE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
