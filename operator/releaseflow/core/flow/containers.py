"""Which containers of a target a flow releases, and what they run."""

from releaseflow.api.v1alpha1.release_flow import Target, TargetStatus
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.facts import TargetSeen
from releaseflow.core.names import repository


def chosen_containers(target: Target, known: TargetStatus, here: TargetSeen, image: str) -> tuple[str, ...] | Absent:
    """Choose the containers and init containers for a release of an image.

    Those that the flow names; else all whose image has the repository of the released one, those that the release
    before moved, or the only container; nothing where the target has none of these.
    """
    images = (*here.images, *here.init_images)
    same = tuple(name for name, found in images if repository(found) == repository(image))
    return _present(target.containers or same or known.containers or _only(here), here)


def released_containers(target: Target, known: TargetStatus, here: TargetSeen) -> tuple[str, ...] | Absent:
    """Return the containers that were chosen when the release first saw the target, if they are all there."""
    return _present(target.containers or known.containers or _only(here), here)


def live_image(target: Target, known: TargetStatus, here: TargetSeen) -> str:
    """Return the image that the released containers have; several are joined."""
    containers = released_containers(target, known, here)
    wanted = () if isinstance(containers, Absent) else containers
    return ",".join(dict.fromkeys(image for name, image in (*here.images, *here.init_images) if name in wanted))


def images_to_set(
    target: Target, known: TargetStatus, here: TargetSeen, image: str
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return name and image of each released container, and of each released init container."""
    containers = released_containers(target, known, here)
    wanted = () if isinstance(containers, Absent) else containers
    ordinary, init = (
        tuple((name, image) for name, _ in images if name in wanted) for images in (here.images, here.init_images)
    )
    return ordinary, init


def _only(here: TargetSeen) -> tuple[str, ...]:
    return tuple(name for name, _ in here.images) if len(here.images) == 1 else ()


def _present(wanted: tuple[str, ...], here: TargetSeen) -> tuple[str, ...] | Absent:
    names = {name for name, _ in (*here.images, *here.init_images)}
    return wanted if wanted and names.issuperset(wanted) else ABSENT
