"""The CustomResourceDefinitions: copies of crds/, upgraded with the chart, never deleted with it."""

from typing import Any

import yaml

from tests.unit.chart.rendering import CHART, ROOT, Chart, Objects


def test_the_chart_has_copies_of_all_of_them() -> None:
    sources = {path.name: path.read_text() for path in (ROOT / "crds").glob("*.yaml")}
    copies = {path.name: path.read_text() for path in (CHART / "files" / "crds").glob("*.yaml")}

    assert sources, "there are no crds: run `make crds`"
    assert copies == sources, "the chart's copies are old: run `make crds`"


def test_helm_changes_nothing_but_labels_and_the_policy_to_keep_them(defaults: Objects) -> None:
    sources = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "crds").glob("*.yaml"))]
    rendered = {crd["metadata"]["name"]: crd for crd in defaults.of_kind("CustomResourceDefinition")}

    assert set(rendered) == {crd["metadata"]["name"] for crd in sources}
    for source in sources:
        copy: dict[str, Any] = rendered[source["metadata"]["name"]]
        assert copy["spec"] == source["spec"]
        assert copy["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_they_can_be_left_to_somebody_else(chart: Chart) -> None:
    assert not chart.objects({"crds": {"install": False}}).of_kind("CustomResourceDefinition")


def test_no_crds_folder_that_helm_would_never_upgrade() -> None:
    assert not (CHART / "crds").exists()
