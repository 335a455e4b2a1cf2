"""The JSON Schema of a results file: it is the committed one, and results files are what it says."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

import loopreport
from loopreport.model import Footer, Header, Record, Shard, Verdict
from loopreport.schema import schema_text
from tests.reports.sample import FOOTER, HEADER, RESULTS

COMMITTED = Path(loopreport.__file__).with_name("results.schema.json")


def test_the_committed_schema_is_current() -> None:
    remedy = "write it again: loopspec schema --results > reports/loopreport/results.schema.json"
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(), remedy


@pytest.mark.parametrize(
    "record",
    [
        HEADER,
        msgspec.structs.replace(HEADER, shard=Shard(number=1, of=4)),
        *RESULTS.verdicts,
        FOOTER,
        msgspec.structs.replace(FOOTER, interrupted=True, complaints=["one"]),
    ],
    ids=lambda record: type(record).__name__,
)
def test_what_is_written_is_valid(record: Record) -> None:
    jsonschema.validate(json.loads(msgspec.json.encode(record)), json.loads(schema_text()))


@pytest.mark.parametrize(
    "record",
    [
        {"type": "verdict", "loop": "swift", "case": "a/b", "kind": "passed"},
        {"type": "verdict", "loop": "swift", "kind": "pass"},
        {"type": "footer", "ended": "", "seconds": "1", "verdicts": 1},
        {"type": "opinion"},
        {"loop": "swift", "case": "a/b", "kind": "pass"},
        [],
    ],
)
def test_what_is_wrong_is_not(record: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, json.loads(schema_text()))


def test_every_key_of_a_verdict_that_does_not_speak_for_itself_is_described() -> None:
    definitions = json.loads(schema_text())["$defs"]
    assert set(definitions) == {"Header", "LoopInfo", "Shard", "Verdict", "Passed", "Difference", "Footer"}
    described = {key for key, value in definitions["Verdict"]["properties"].items() if "description" in value}
    assert described == {"case", "summary", "details", "at_first", "expected"}


def test_a_pass_is_short() -> None:
    verdict = Verdict(loop="swift", case="a/b", kind="pass", seconds=0.1)
    assert json.loads(msgspec.json.encode(verdict)) == {
        "type": "verdict",
        "loop": "swift",
        "case": "a/b",
        "kind": "pass",
        "seconds": 0.1,
    }


def test_records_of_a_later_version_may_have_further_keys() -> None:
    for record in (HEADER, RESULTS.verdicts[0], FOOTER):
        data = {**json.loads(msgspec.json.encode(record)), "mood": "good"}
        jsonschema.validate(data, json.loads(schema_text()))
        assert msgspec.convert(data, Header | Verdict | Footer) == record
