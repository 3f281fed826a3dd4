"""Termination messages are read without trust: nothing that a container writes can break the operator."""

import json
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.run.reports import (
    LONGEST_MESSAGE,
    DumpReport,
    FailureReport,
    ProofReport,
    SchemaReport,
    Unreadable,
    dump_report,
    proof_report,
    prune_warning,
    schema_report,
)
from tests.support import builders

ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine that others keep busy is slow, which is no fault of the code."""

SHA = "0123456789abcdef" * 4
DUMP = {
    "ok": True, "identity": SHA, "serverVersion": "15.18", "clientVersion": "18.1", "tables": 2,
    "schemaVersion": "2 applied, last: shop.0002", "fingerprint": SHA, "path": "shop/a-1.dump", "sizeBytes": 10,
    "sha256": SHA, "durationSeconds": 3,
}  # fmt: skip
PROOF = {"ok": True, "proof": "read back whole", "provenSHA256": SHA, "provenSizeBytes": 10}
SCHEMA = {"ok": True, "identity": SHA, "schemaVersion": "", "fingerprint": SHA, "tables": 0}
READERS = [dump_report, proof_report, schema_report]
Reader: TypeAlias = Callable[[str], object]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_a_dump_is_read() -> None:
    assert dump_report(json.dumps(DUMP)) == DumpReport(
        SHA, "15.18", "18.1", 2, "2 applied, last: shop.0002", SHA, "shop/a-1.dump", 10, SHA, 3
    )


def test_a_proof_a_pruning_and_a_schema_are_read() -> None:
    assert proof_report(json.dumps(PROOF)) == ProofReport("read back whole", SHA, 10)
    assert prune_warning('{"ok":true,"pruned":["a.dump"],"warning":"b stays"}') == "b stays"
    assert prune_warning('{"ok":true,"pruned":[],"warning":3}') == ""
    assert schema_report(json.dumps(SCHEMA)) == SchemaReport(SHA, "", SHA, 0)


def test_a_text_of_a_report_is_cut() -> None:
    report = dump_report(json.dumps({**DUMP, "schemaVersion": "m" * 300}))
    assert isinstance(report, DumpReport)
    assert len(report.schema_version) == 256


@pytest.mark.parametrize("reader", [dump_report, proof_report, schema_report])
def test_a_failure_is_read(reader: Reader) -> None:
    message = '{"ok":false,"reason":"VolumeFull","detail":"pg_dump:\\nno space"}'
    assert reader(message) == FailureReport(Reason.VOLUME_FULL, "pg_dump: no space")


@pytest.mark.parametrize("reason", ['"Unheard"', "7", "null", "[]", '{"a":1}', '["VolumeFull"]'])
def test_an_unknown_reason_becomes_the_default(reason: str) -> None:
    message = f'{{"ok":false,"reason":{reason}}}'
    assert dump_report(message) == FailureReport(Reason.BACKUP_FAILED, "")
    assert proof_report(message) == FailureReport(Reason.BACKUP_UNVERIFIED, "")
    assert schema_report(message, Reason.CHECK_FAILED) == FailureReport(Reason.CHECK_FAILED, "")
    assert prune_warning(message) == ""


def test_a_password_in_a_detail_is_hidden() -> None:
    report = dump_report('{"ok":false,"reason":"ConnectionFailed","detail":"postgres://u:hunter2@h/d"}')
    assert report == FailureReport(Reason.CONNECTION_FAILED, "postgres://u:***@h/d")


@pytest.mark.parametrize("field", ["identity", "fingerprint", "path", "sha256", "tables", "sizeBytes"])
@pytest.mark.parametrize("value", [None, 3.5, True, "", [], -1, "A" * 64])
def test_a_dump_that_lacks_what_it_is_needed_for_is_unreadable(field: str, value: object) -> None:
    wrong = {**DUMP, field: value}
    expected = dump_report(json.dumps(wrong))
    if field == "path" and value == "A" * 64:
        assert isinstance(expected, DumpReport)
    else:
        assert expected == Unreadable()


@pytest.mark.parametrize("field", ["proof", "provenSHA256", "provenSizeBytes"])
def test_a_proof_that_proves_nothing_is_unreadable(field: str) -> None:
    assert proof_report(json.dumps({**PROOF, field: 0})) == Unreadable()


@pytest.mark.parametrize("field", ["identity", "fingerprint", "tables"])
def test_a_schema_without_a_word_on_it_is_unreadable(field: str) -> None:
    assert schema_report(json.dumps({**SCHEMA, field: None})) == Unreadable()


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("message", [
    "", "null", "[]", "{}", '{"ok":"true"}', "Traceback (most recent call last):", "[" * 4000, "9" * 4000, "\x00",
    json.dumps(DUMP)[:-1], json.dumps({**DUMP, "more": "x" * LONGEST_MESSAGE}),
])  # fmt: skip
def test_anything_else_is_unreadable(reader: Reader, message: str) -> None:
    assert reader(message) == Unreadable()
    assert prune_warning(message) == ""


@ANY_MACHINE
@given(st.sampled_from(READERS), st.one_of(st.text(), JSON.map(json.dumps)))
def test_no_message_breaks_a_reader(reader: Reader, message: str) -> None:
    assert reader(message) is not None
    assert len(prune_warning(message)) <= 256


@ANY_MACHINE
@given(st.sampled_from(sorted(DUMP)), JSON)
def test_no_value_breaks_a_reader_and_none_is_long(field: str, value: object) -> None:
    report = dump_report(json.dumps({**DUMP, field: value}))
    if isinstance(report, DumpReport):
        assert all(len(text) <= 256 for text in vars(report).values() if isinstance(text, str))
        assert all(0 <= number < 2**63 for number in vars(report).values() if isinstance(number, int))


def test_a_proof_of_a_single_byte_is_one_and_of_none_is_not() -> None:
    assert isinstance(proof_report(builders.backup_says(provenSizeBytes=1)), ProofReport)
    assert isinstance(proof_report(builders.backup_says(provenSizeBytes=0)), Unreadable)
