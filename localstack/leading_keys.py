"""Fills in `dynamodb:LeadingKeys`, the partition keys that a request names, which the emulator leaves out.

Where a policy names prefixes, AWS holds each request to them, and each item of a transaction to those of its own action.
"""

import json
import re

from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb

EQUALS = re.compile(r"(#?\w+)\s*=\s*(:\w+)")
KEY = "dynamodb:LeadingKeys"


class Resource(str):
    """A table's ARN, with the partition keys that one item of a transaction names."""

    keys = ()


def text(value):
    """The text of an attribute's value, whatever its type."""
    return next(iter(value.values()), None) if isinstance(value, dict) else None


def partition_key(table, index):
    """The name of the partition key of a table, or of one of its indexes."""
    known = dynamodb._tables.get(str(table).rsplit("/", 1)[-1]) or {}
    schema = known.get("KeySchema") or []
    for each in known.get("GlobalSecondaryIndexes") or []:
        if index and each.get("IndexName") == index:
            schema = each.get("KeySchema") or []
    return next((part["AttributeName"] for part in schema if part.get("KeyType") == "HASH"), None)


def keys_of(call):
    """The partition keys that a call about one table names."""
    name = partition_key(call.get("TableName"), call.get("IndexName"))
    found = [text(part.get(name)) for part in (call.get("Key"), call.get("Item")) if isinstance(part, dict)]
    names, values = call.get("ExpressionAttributeNames") or {}, call.get("ExpressionAttributeValues") or {}
    for left, right in EQUALS.findall(call.get("KeyConditionExpression") or ""):
        if names.get(left, left) == name:
            found.append(text(values.get(right)))
    return [key for key in found if key is not None]


def read(body):
    """The call of a request's body; nothing where it is none."""
    try:
        call = json.loads(body or b"{}")
    except ValueError:
        return {}
    return call if isinstance(call, dict) else {}


service_context = iam_actions.dynamodb_service_context
transaction_checks = iam_actions.dynamodb_transaction_checks
enforce = iam_evaluator.enforce


def _service_context(body):
    call, context = read(body), service_context(body)
    keys = keys_of(call)
    for table, asked in (call.get("RequestItems") or {}).items():
        requests = asked.get("Keys") if isinstance(asked, dict) else asked
        for request in requests or []:
            parts = [request] if isinstance(asked, dict) else list(request.values())
            for part in parts:
                keys += keys_of({"TableName": table, "Key": part.get("Item") or part.get("Key") or part})
    return {**context, KEY: keys} if keys else context


def _transaction_checks(action, body, region, account):
    checks = transaction_checks(action, body, region, account)
    items = read(body).get("TransactItems") or []
    members = [detail for item in items for detail in item.values() if isinstance(detail, dict)]
    if len(members) != len(checks):
        # Not one check an item: none of them has a key, and what names prefixes allows none.
        return checks
    keyed = []
    for (each, arn), detail in zip(checks, members):
        resource = Resource(arn)
        resource.keys = keys_of(detail)
        keyed.append((each, resource))
    return keyed


def _enforce(*args, resource_arn="*", service_context=None, **named):
    if isinstance(resource_arn, Resource) and resource_arn.keys:
        service_context = {**(service_context or {}), KEY: list(resource_arn.keys)}
    return enforce(*args, resource_arn=resource_arn, service_context=service_context, **named)


iam_actions.dynamodb_service_context = _service_context
iam_actions.dynamodb_transaction_checks = _transaction_checks
iam_evaluator.enforce = _enforce
