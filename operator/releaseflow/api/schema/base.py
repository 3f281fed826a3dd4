"""What every kind shares: the base model, names, and bounded text."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import override

from releaseflow.api.schema.cel import ExactlyOne, Pattern, Rule, with_rules

GROUP = "releaseflow.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

DNS_LABEL = Pattern(
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "is not a container's name: write lower-case letters, digits and '-', beginning and ending with a letter or digit,"
    " for example web",
)
DNS_SUBDOMAIN = Pattern(
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    "is not an object's name: write lower-case letters, digits, '-' and '.', beginning and ending with a letter or"
    " digit, for example shop-db",
)
IMAGE = Pattern(
    r"^([a-zA-Z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
    r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@.*)?$",
    "is not an image: write registry/name:tag with the name in lower case, without spaces, and with no ':' where no tag"
    " follows, for example ghcr.io/acme/shop:1.4.2",
)
IMAGE_DIGEST = Pattern(
    r"^[^@]*(@sha256:[a-f0-9]{64})?$",
    "has no whole digest after its '@': write @sha256: and 64 lower-case hexadecimal digits after it, or a tag instead",
)
IMAGE_OF_TAG = Pattern(
    r"^([a-zA-Z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
    r"(:([A-Za-z0-9_]|\$\(TAG\))([A-Za-z0-9_.-]|\$\(TAG\))*)?(@.*)?$",
    "is not an image: write registry/name:tag with the name in lower case and without spaces; it may have $(TAG) in"
    " place of the tag of the released image, for example ghcr.io/acme/shop-migrator:$(TAG)",
)
ABSOLUTE_PATH = Pattern(r"^/[^\n]*$", "is not the path of a folder: begin it with '/', for example /app")
KEY = Pattern(
    r"^[-._a-zA-Z0-9]+$",
    "is not a key of a Secret or ConfigMap: write letters, digits, '-', '_' and '.', for example url",
)

ObjectName = Annotated[str, Field(max_length=253), DNS_SUBDOMAIN]
ContainerName = Annotated[str, Field(max_length=63), DNS_LABEL]
ImageName = Annotated[str, Field(max_length=512), IMAGE, IMAGE_DIGEST]
ImageOfTag = Annotated[str, Field(max_length=512), IMAGE_OF_TAG, IMAGE_DIGEST]
"""An image whose tag may have `$(TAG)` in it: the tag of the released image."""
FolderPath = Annotated[str, Field(max_length=1024), ABSOLUTE_PATH]
KeyName = Annotated[str, Field(max_length=253), KEY]
SeenImage = Annotated[str, Field(max_length=6000)]
"""An image as it was seen in a cluster, however it looks."""

Argument = Annotated[str, Field(max_length=4096)]
Arguments = Annotated[tuple[Argument, ...], Field(max_length=64)]
Message = Annotated[str, Field(max_length=1024)]
ShortText = Annotated[str, Field(max_length=256)]
Uid = Annotated[str, Field(max_length=64)]
ExitCode = Annotated[int, Field(json_schema_extra={"format": "int32"})]
Timestamp = Annotated[str, Field(max_length=32, json_schema_extra={"format": "date-time"})]


class ApiModel(BaseModel):
    """Base of everything that a user reads or writes with kubectl.

    Unknown fields are ignored, not refused: the API server prunes them already,
    and an operator one release behind its CRDs must still read its objects.
    """

    union: ClassVar[ExactlyOne | None] = None
    """The members of which the API server demands exactly one."""

    rules: ClassVar[tuple[Rule, ...]] = ()
    """What has to hold between the fields; the API server refuses objects that break a rule."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    @classmethod
    @override
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(core)
        schema = handler.resolve_ref_schema(reference)
        union, members = ((), ()) if cls.union is None else ((cls.union.rule,), cls.union.members)
        required = [name for name in schema.pop("required", []) if name not in members]
        schema.update(with_rules(schema, *union, *cls.rules))
        if required:
            schema["required"] = required
        return reference


def to_dict(model: ApiModel) -> dict[str, Any]:
    """Return a model as it is written in YAML, without what is empty."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)
