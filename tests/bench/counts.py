"""How many requests an operator says that it has sent."""

from collections import Counter

from prometheus_client.parser import text_string_to_metric_families

from releaseflow.kube.requests import Verb
from releaseflow.kube.resources import Resource
from releaseflow.reporting.measures import API_REQUESTS

Counts = Counter[tuple[str, str, bool]]
"""By verb and kind, and whether it writes."""
_KINDS = {kind.plural: kind.singular for kind in Resource}
_WRITES = {verb.metric_label: verb.writes for verb in Verb}


def counted(text: str) -> Counts:
    """Return what an operator's metrics say of its requests, whatever they were answered."""
    counts: Counts = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == API_REQUESTS.name:
                verb, resource = sample.labels["verb"], sample.labels["resource"]
                counts[verb, _KINDS[resource], _WRITES[verb]] += int(sample.value)
    return counts
