"""What the view is shown of a write, and what of one that was not done."""

import pytest

from releaseflow.cache.cache import View
from releaseflow.cache.writer import Writer
from releaseflow.kube.errors import AlreadyExistsError
from releaseflow.kube.resources import Kind
from tests.support import objects
from tests.support.fake_client import StandIn


async def test_an_object_that_was_there_before_is_not_taken_for_the_one_that_was_to_be_made() -> None:
    api, view = StandIn().having(Kind.RUN, objects.run()), View()

    with pytest.raises(AlreadyExistsError):
        await Writer(api.as_kube(), view).create(Kind.RUN, "shop", {"metadata": {"name": "shop-1-aa"}})

    assert not view.keys(Kind.RUN)


async def test_an_object_that_was_made_is_shown() -> None:
    view = View()

    await Writer(StandIn().as_kube(), view).create(Kind.RUN, "shop", {"metadata": {"name": "shop-1-aa"}})

    assert [key.name for key in view.keys(Kind.RUN)] == ["shop-1-aa"]
