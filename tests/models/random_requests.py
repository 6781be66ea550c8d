"""Random requests to DynamoDB over a few keys of one table, most of them well-formed."""

import random
from typing import Any

NUMBERS = ("0", "1", "-2", "2.50", "1e3", "0.1", "99999999999999999999999999999999999999", "9e125")
STRINGS = ("", "a", "ab", "é", "1")
KINDS = "NNNNSSB"
SORTS = ("1", "10", "2", "a", "a1", "é")
NAMES = ("n", "m", "s", "24", "value", "h#2018")
CONDITIONS = (
    "attribute_exists(pk)",
    "attribute_not_exists({0})",
    "attribute_not_exists({0}) OR {0} <= {v}",
    "{0} = {v}",
    "{0} <> {v}",
    "{0} < {v} OR {1} > {w}",
    "NOT {0} >= {v} AND attribute_exists({1})",
    "NOT ({0} = {v} OR {1} = {w})",
    "({0} = {v} OR {0} = {w}) AND {1} <> {1}",
    "{0} BETWEEN {v} AND {w}",
    "{v} <= {0}",
    "begins_with({0}, {v})",
    "{0} = {1}",
)
CHECKED_IN_TRANSACTIONS = tuple(
    text for text in CONDITIONS if "BETWEEN" not in text and "begins_with" not in text
)
UPDATES = (
    "SET {0} = {v}",
    "SET {0} = {v}, {1} = {w}",
    "set {0}={v} remove {1}",
    "SET {0} = if_not_exists({0}, {v})",
    "SET {0} = if_not_exists({1}, {v}) + {w}",
    "SET {0} = {0} + {v}",
    "SET {0} = {1} - {v}",
    "SET {0} = {1}",
    "SET {0} = {v}, {1} = {0}",
    "REMOVE {0}",
    "REMOVE {0}, {1}",
    "ADD {0} {v}",
    "ADD {0} {v}, {1} {v}",
    "ADD {0} {v} SET {1} = {w}",
)
MALFORMED = (
    "SET {0} {v}",
    "SET {0} = {v}, {0} = {w}",
    "SET {0} = {v} SET {1} = {w}",
    "SET pk = {v}",
    "SET value = {v}",
    "REMOVE {0}, #undefined",
    "SET {0} = :undefined",
    "SET {0} = {v})",
    "",
)
RANGES = (
    "",
    " AND sk = {a}",
    " AND sk < {a}",
    " AND sk <= {a}",
    " AND sk > {a}",
    " AND sk >= {a}",
    " AND sk BETWEEN {a} AND {b}",
    " and begins_with(sk, {a})",
)
SINGLE_RETURNS = ("NONE", "ALL_OLD")
RETURNS = (*SINGLE_RETURNS, "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")


class RandomRequests:
    """The requests of one seed."""

    def __init__(self, seed: int, table: str) -> None:
        self.random = random.Random(seed)
        self.table = {"TableName": table}
        self.partitions = (f"p{seed}", f"q{seed}")

    def any(self) -> tuple[str, dict[str, Any]]:
        kinds = {
            "update_item": self.update,
            "put_item": self.put,
            "delete_item": self.delete,
            "get_item": self.get,
            "query": self.query,
            "transact_write_items": self.transaction,
        }
        (method,) = self.random.choices(tuple(kinds), (8, 2, 2, 2, 3, 3))
        return method, kinds[method]()

    def update(self) -> dict[str, Any]:
        if self.random.random() < 0.1:
            return self._guarded({**self.table, "Key": self._key()}, MALFORMED, share=0.0)
        return self._single(RETURNS, UPDATES, Key=self._key())

    def put(self) -> dict[str, Any]:
        names = self.random.sample(NAMES, self.random.randrange(4))
        item = {**self._key(), **{name: self._value(KINDS + "T") for name in names}}
        return self._single(SINGLE_RETURNS, (), Item=item)

    def delete(self) -> dict[str, Any]:
        return self._single(SINGLE_RETURNS, (), Key=self._key())

    def get(self) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if self.random.random() < 0.3:
            more = {"ProjectionExpression": "sk, #n", "ExpressionAttributeNames": {"#n": "value"}}
        return {**self.table, "Key": self._key(), "ConsistentRead": True, **more}

    def query(self) -> dict[str, Any]:
        pk, low, high = self._key()["pk"], *self.random.choices(SORTS, k=2)
        text = "pk = :p" + self.random.choice(RANGES).format(a=":a", b=":b")
        values = {":p": pk, ":a": {"S": low}, ":b": {"S": high}}
        more: dict[str, Any] = {"Limit": self.random.randint(1, 4)}
        if "AND" not in text.upper():
            more["ExclusiveStartKey"] = {"pk": pk, "sk": {"S": self.random.choice(SORTS)}}
        return {
            **self.table,
            "KeyConditionExpression": text,
            "ExpressionAttributeValues": {name: v for name, v in values.items() if name in text},
            "ScanIndexForward": self.random.random() < 0.7,
            "ConsistentRead": True,
            **(more if self.random.random() < 0.5 else {}),
        }

    def transaction(self) -> dict[str, Any]:
        return {"TransactItems": [self._entry() for _ in range(self.random.randint(1, 4))]}

    def _entry(self) -> dict[str, Any]:
        kind = self.random.choice(("Update", "Update", "Put", "Delete", "ConditionCheck"))
        where = {"Item": {**self._key(), "n": self._value()}} if kind == "Put" else None
        return {
            kind: self._guarded(
                {**self.table, **(where or {"Key": self._key()})},
                UPDATES if kind == "Update" else (),
                share=1.0 if kind == "ConditionCheck" else 0.3,
                in_transaction=True,
            )
        }

    def _single(
        self, returns: tuple[str, ...], updates: tuple[str, ...], **request: Any
    ) -> dict[str, Any]:
        whole = self._guarded({**self.table, **request}, updates)
        if self.random.random() < 0.5:
            whole["ReturnValues"] = self.random.choice(returns)
        return whole

    def _guarded(
        self,
        request: dict[str, Any],
        updates: tuple[str, ...] = (),
        share: float = 0.4,
        *,
        in_transaction: bool = False,
    ) -> dict[str, Any]:
        """Add an update and, to a share of the requests, a condition, with their placeholders."""
        one, other = self.random.sample(NAMES, 2)
        texts = {}
        if updates:
            texts["UpdateExpression"] = self.random.choice(updates)
        if self.random.random() < share:
            conditions = CHECKED_IN_TRANSACTIONS if in_transaction else CONDITIONS
            texts["ConditionExpression"] = self.random.choice(conditions)
            if self.random.random() < 0.5:
                request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        filled = {name: text.format("#0", "#1", v=":v", w=":w") for name, text in texts.items()}
        used = " ".join(filled.values())
        names = {"#0": one, "#1": other}
        kinds = "N" if in_transaction else KINDS
        values = {":v": self._value(kinds), ":w": self._value(kinds)}
        request |= filled
        for kind, known in (("Names", names), ("Values", values)):
            wanted = {place: known[place] for place in known if place in used}
            if "ConditionExpression" not in texts and self.random.random() < 0.04:
                wanted = dict(known)
            if wanted:
                request[f"ExpressionAttribute{kind}"] = wanted
        return request

    def _key(self) -> dict[str, Any]:
        sort = self.random.choice(SORTS) if self.random.random() < 0.98 else ""
        return {"pk": {"S": self.random.choice(self.partitions)}, "sk": {"S": sort}}

    def _value(self, kinds: str = KINDS) -> dict[str, Any]:
        kind = self.random.choice(kinds)
        if kind == "N":
            return {"N": self.random.choice(NUMBERS)}
        if kind == "S":
            return {"S": self.random.choice(STRINGS)}
        return {"B": self.random.choice((b"a", b"ab"))} if kind == "B" else {"BOOL": True}
