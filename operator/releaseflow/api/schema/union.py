"""Unions whose members are not all written where the union is: others join them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from pydantic import Field, create_model

from releaseflow.api.schema.base import ApiModel

Model = TypeVar("Model", bound=ApiModel)


def joined_by(members: Mapping[str, type[ApiModel]]) -> Callable[[type[Model]], type[Model]]:
    """Give a model these members before its own fields, each described by the first paragraph of its docstring.

    Args:
        members: Optional fields by their names in Python.
    """

    def joined(model: type[Model]) -> type[Model]:
        first = create_model(f"{model.__name__}Members", __base__=ApiModel, **_fields(members))
        bases: Any = (model, first)
        made = create_model(model.__name__, __base__=bases, __module__=model.__module__, __doc__=model.__doc__)
        return cast("type[Model]", made)

    return joined


def _fields(members: Mapping[str, type[ApiModel]]) -> dict[str, Any]:
    return {name: (kind | None, Field(default=None)) for name, kind in members.items()}
