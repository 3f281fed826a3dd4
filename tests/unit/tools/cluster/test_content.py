"""A content key changes with everything that a build sees, and with nothing else."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tools.cluster.driver import archives, images
from tools.cluster.driver.content import content_key
from tools.cluster.driver.errors import ClusterError
from tools.cluster.driver.images import TABLE, Image, chosen


@pytest.fixture(name="tree")
def a_tree(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a").write_text("one")
    (tmp_path / "sub" / "b").write_text("two")
    return tmp_path


def key(tree: Path, **settings: str) -> str:
    return content_key(tree, [tree], settings)


def test_key_does_not_depend_on_place_or_time(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = tmp_path_factory.mktemp("other") / "copy"
    shutil.copytree(tree, copy, copy_function=shutil.copyfile)
    assert key(copy) == key(tree)


def test_key_does_not_depend_on_what_tools_leave_behind(tree: Path) -> None:
    before = key(tree)
    (tree / "sub" / "__pycache__").mkdir()
    (tree / "sub" / "__pycache__" / "b.pyc").write_bytes(b"x")
    assert key(tree) == before


def change_text(tree: Path) -> None:
    (tree / "sub" / "b").write_text("TWO")


def rename(tree: Path) -> None:
    (tree / "sub" / "b").rename(tree / "sub" / "c")


def move_bytes_between_files(tree: Path) -> None:
    (tree / "a").write_text("onetwo")
    (tree / "sub" / "b").write_text("")


def make_executable(tree: Path) -> None:
    (tree / "a").chmod(0o755)


def add(tree: Path) -> None:
    (tree / "empty").touch()


@pytest.mark.parametrize("change", [change_text, rename, move_bytes_between_files, make_executable, add])
def test_key_changes_with_the_files(tree: Path, change: object) -> None:
    before = key(tree)
    assert callable(change)
    change(tree)
    assert key(tree) != before


def test_key_changes_with_the_settings(tree: Path) -> None:
    keys = {key(tree), key(tree, a="1"), key(tree, a="2"), key(tree, b="1"), key(tree, a="1", b="1")}
    assert len(keys) == 5


@pytest.fixture(name="image")
def an_image(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Image:
    monkeypatch.setattr(images, "REPOSITORY", tree)
    (tree / "Containerfile").write_text("FROM scratch\n")
    return Image(name="localhost/releaseflow/x", versions=("1",), context=".", sources=("sub",))


def test_image_key_covers_name_versions_base_and_containerfile(image: Image) -> None:
    variants = [image, replace(image, name="localhost/releaseflow/y"), replace(image, versions=("1", "2"))]
    keys = {variant.key("base") for variant in variants} | {image.key("another base")}
    (image.folder / "Containerfile").write_text("FROM x\n")
    assert len(keys | {image.key("base")}) == 5


def test_build_sees_what_the_key_covers_and_nothing_else(
    image: Image, tmp_path_factory: pytest.TempPathFactory
) -> None:
    context = tmp_path_factory.mktemp("stage") / "context"
    archives.stage(image, context)
    seen = sorted(str(path.relative_to(context)) for path in context.rglob("*") if path.is_file())
    assert seen == ["Containerfile", "sub/b"]


def test_missing_source_is_named(image: Image) -> None:
    with pytest.raises(ClusterError, match=r"x cannot be built: nowhere is missing"):
        replace(image, sources=("nowhere",)).key("base")


def test_images_are_chosen_by_short_or_full_name_in_the_order_of_the_table() -> None:
    names = ["shop:v2", "localhost/releaseflow/postgres:15"]
    assert [image.name for image in chosen(names)] == [
        "localhost/releaseflow/postgres",
        "localhost/releaseflow/shop",
    ]
    assert [image for image in TABLE if image.is_extra] == [image for image in TABLE if image not in chosen([])]
    assert chosen(["all"]) == list(TABLE)
    assert chosen(["ledger"]) == chosen(["ledger:v1", "localhost/releaseflow/ledger:v2"])


def test_unknown_image_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(ClusterError, match=r"there is no image shop:v9; there are: .*shop"):
        chosen(["shop:v2", "shop:v9"])


def test_every_image_of_the_table_can_be_built_from_the_repository() -> None:
    assert len({image.key("base") for image in TABLE}) == len(TABLE)
