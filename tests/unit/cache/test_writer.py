"""What the cache is shown of a write, and what of one that was not done."""

import pytest

from releaseflow.cache.cache import Cache
from releaseflow.cache.writer import Writer
from releaseflow.kube.errors import AlreadyExistsError
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import name_of
from tests.support import objects
from tests.support.fake_client import FakeClient


async def test_an_object_that_was_there_before_is_not_taken_for_the_one_that_was_to_be_made() -> None:
    api, cache = FakeClient().having(Resource.RUN, objects.run()), Cache()

    with pytest.raises(AlreadyExistsError):
        await Writer(api.as_kube(), cache).create(Resource.RUN, "shop", {"metadata": {"name": "shop-1-aa"}})

    assert not cache.list_all(Resource.RUN)


async def test_an_object_that_was_made_is_shown() -> None:
    cache = Cache()

    await Writer(FakeClient().as_kube(), cache).create(Resource.RUN, "shop", {"metadata": {"name": "shop-1-aa"}})

    assert [name_of(raw) for raw in cache.list_all(Resource.RUN)] == ["shop-1-aa"]
