"""Which containers of a target a flow releases, and what they run."""

from typing import TypeAlias

from releaseflow.api.v1alpha1.target import ContainerStatus, Target, TargetStatus
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.facts import FlowObserved, TargetSeen
from releaseflow.core.names import repository

Images: TypeAlias = tuple[tuple[str, str], ...]
"""Name and image of each of some containers."""


def chosen_containers(target: Target, known: TargetStatus, here: TargetSeen, image: str) -> tuple[str, ...] | Absent:
    """Choose the containers and init containers for a release of an image.

    Those that the flow names; else all whose image has the repository of the released one, those that the release
    before moved, or the only container; nothing where the target has none of these.
    """
    images = (*here.images, *here.init_images)
    same = tuple(name for name, found in images if repository(found) == repository(image))
    return _present(target.containers or same or _names(known) or _only(here), here)


def released_containers(target: Target, known: TargetStatus, here: TargetSeen) -> tuple[str, ...] | Absent:
    """Return the containers that were chosen when the release first saw the target, if they are all there."""
    return _present(target.containers or _names(known) or _only(here), here)


def live_images(target: Target, known: TargetStatus, here: TargetSeen) -> Images:
    """Return what the released containers have."""
    containers = released_containers(target, known, here)
    return () if isinstance(containers, Absent) else images_of(here, containers)


def images_of(here: TargetSeen, containers: tuple[str, ...]) -> Images:
    """Return what some containers and init containers have."""
    return tuple((name, image) for name, image in (*here.images, *here.init_images) if name in containers)


def images_that_run(seen: FlowObserved) -> tuple[str, ...]:
    """Return the images of the released containers of all targets, each once."""
    found = zip(seen.spec.targets, seen.status.targets, seen.targets, strict=False)
    live = (live_images(target, known, here) for target, known, here in found if here is not ABSENT)
    return distinct(tuple(pair for images in live for pair in images))


def distinct(images: Images) -> tuple[str, ...]:
    """Return images without the names of their containers, each once."""
    return tuple(dict.fromkeys(image for _, image in images))


def all_have(images: Images, image: str) -> bool:
    """Whether there are containers, and all of them have this image."""
    return distinct(images) == (image,)


def recorded_images(known: TargetStatus) -> Images:
    """Return what the release last knew to be in its containers."""
    return tuple((container.name, container.image) for container in known.containers if container.image)


def were_changed(known: TargetStatus, live: Images) -> bool:
    """Whether containers have other images than was recorded; one without a record may have any that was."""
    recorded = dict(recorded_images(known))
    if not live:
        return bool(recorded)
    return any(image not in ({recorded[name]} if name in recorded else recorded.values()) for name, image in live)


def good_images(known: TargetStatus, live: Images) -> Images:
    """Return what to put back into each of these containers; nothing where that is not known of all of them."""
    good = _good(known)
    return tuple((name, good[name]) for name, _ in live) if all(good.get(name) for name, _ in live) else ()


def with_images(known: TargetStatus, live: Images) -> tuple[ContainerStatus, ...]:
    """Return the record of these containers, each with the image that it has."""
    good = _good(known)
    return tuple(ContainerStatus(name=name, image=image, good_image=good.get(name, "")) for name, image in live)


def images_to_set(here: TargetSeen, wanted: Images) -> tuple[Images, Images]:
    """Return those of the images that go into containers, and those that go into init containers."""
    images = dict(wanted)
    ordinary, init = (
        tuple((name, images[name]) for name, _ in there if name in images) for there in (here.images, here.init_images)
    )
    return ordinary, init


def _names(known: TargetStatus) -> tuple[str, ...]:
    return tuple(container.name for container in known.containers)


def _good(known: TargetStatus) -> dict[str, str]:
    return {container.name: container.good_image for container in known.containers}


def _only(here: TargetSeen) -> tuple[str, ...]:
    return tuple(name for name, _ in here.images) if len(here.images) == 1 else ()


def _present(wanted: tuple[str, ...], here: TargetSeen) -> tuple[str, ...] | Absent:
    names = {name for name, _ in (*here.images, *here.init_images)}
    return wanted if wanted and names.issuperset(wanted) else ABSENT
