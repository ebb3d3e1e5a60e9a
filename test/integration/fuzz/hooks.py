"""What the fuzzer does beyond its own: it meets things that are there, notes each call, and knows what may be refused."""

import json
import os
import re
from copy import copy
from itertools import count

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.openapi.checks import AllowHeaderMismatch
from schemathesis.specs.openapi.coverage import _schema as coverage

with open(os.environ["FUZZ_PLAN"], encoding="utf-8") as file:
    PLAN = json.load(file)
CALLS = open(PLAN["calls"], "w", encoding="utf-8")
CATALOG_CALLS = ("GET /v1/catalogs/{catalog}", "PUT /v1/catalogs/{catalog}", "DELETE /v1/catalogs/{catalog}")
turns = {}

# Whatever matches the pattern of times is one. Else the fuzzer looks for one that is none, each time for seconds.
TIMES, NO_TIMES = ["2026-01-01T00:00:00Z"], ["2026-01-01", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z"]
coverage._FORMAT_PROBES["date-time"] = (TIMES, NO_TIMES)


@schemathesis.hook
def before_call(context, case, kwargs):
    """In three of four calls with valid addresses, ids are those of things that exist, in turn."""
    label = case.operation.label
    if label in CATALOG_CALLS or not case.path_parameters or not has_valid_address(case):
        return
    if "catalog" in case.path_parameters:
        case.path_parameters["catalog"] = PLAN["catalog"]
    known = PLAN["ids"].get(label)
    turn = next(turns.setdefault(label, count()))
    if known and (turn % 4 != 3 or label in PLAN["always"]):
        name = "name" if "name" in case.path_parameters else "id"
        case.path_parameters[name] = known[turn % len(known)]


def has_valid_address(case):
    """Not where the address is what makes the case invalid."""
    if not case.meta:
        return False
    modes = {place: component.mode for place, component in case.meta.components.items()}
    is_invalid_elsewhere = GenerationMode.NEGATIVE in [modes[place] for place in modes if place != ParameterLocation.PATH]
    is_valid = case.meta.generation.mode == GenerationMode.POSITIVE
    return modes.get(ParameterLocation.PATH) == GenerationMode.POSITIVE and (is_valid or is_invalid_elsewhere)


@schemathesis.hook
def after_call(context, case, response):
    CALLS.write(json.dumps({"call": case.operation.label, "status": response.status_code}) + "\n")
    CALLS.flush()


@schemathesis.check
def accepted_or_listed(ctx, response, case):
    """Valid data is accepted, or refused as the list of refusals says."""
    is_another_method = response.request.method != case.operation.method.upper()
    if is_another_method or not case.meta or case.meta.generation.mode != GenerationMode.POSITIVE:
        return None
    if not 400 <= response.status_code < 500:
        return None
    problem = response.json()
    places = [error["pointer"] for error in problem.get("errors", [])] or [problem["type"].removeprefix("/problems/")]
    listed = [r for r in PLAN["refusals"].get(case.operation.label, []) if r["status"] == response.status_code]
    for place in places:
        if not any(matches(refusal["at"], place) for refusal in listed):
            raise AssertionError(f"{response.status_code} {place} is not in the list of refusals: {response.text}")
    return None


def matches(at, place):
    return re.fullmatch(re.escape(at).replace(r"\*", ".*"), place, re.DOTALL) is not None


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, AllowHeaderMismatch):
        return not is_id_too(case.operation, failure.undocumented_methods)
    return is_accepted_violation(failure, case)


def is_id_too(operation, methods):
    """`import` of `items/import` may be an id as well, so that the address has the methods of `items/{id}` too."""
    parent = operation.path.rsplit("/", 1)[0]
    of_ids = operation.schema.raw_schema["paths"].get(parent + "/{id}", {})
    return operation.path.endswith("/import") and {method.lower() for method in methods} <= set(of_ids)


def is_accepted_violation(failure, case):
    """
    The fuzzer itself may see, once a case has its real ids, that no part of it violates its schema, or may find no
    way to violate it and send a valid case instead, which it says; then it may be accepted.
    """
    is_invalid = GenerationMode.NEGATIVE in [component.mode for component in case.meta.components.values()]
    is_other = (getattr(case.meta.phase.data, "description", None) or "").lower() == "positive test case"
    return (is_invalid and not is_other) or not isinstance(failure, AcceptedNegativeData)


def serialize_lines(ctx, value):
    """The import takes rows as text."""
    return value if isinstance(value, (str, bytes)) else json.dumps(value)


for media_type in ("application/x-ndjson", "application/jsonl"):
    schemathesis.serializer(media_type)(serialize_lines)


@schemathesis.check
def every_line_keeps_its_schema(ctx, response, case):
    """An answer of many lines of JSON is as the document says of one."""
    if response.headers.get("content-type", [""])[0] != "application/x-ndjson":
        return None
    for line in response.content.splitlines():
        answer = copy(response)
        answer.content = line
        case.operation.validate_response(answer)
    return None


@schemathesis.deserializer("application/x-ndjson")
def deserialize_line(ctx, response):
    """The first line, of a whole answer; the check above goes through all of them one by one."""
    return json.loads(response.content.splitlines()[0])
