"""The fields of values."""

from collections.abc import Iterable

from quarterhour.errors import BadRequest, Detail

_LONGEST = 100


def check_fields(fields: Iterable[str], known: Iterable[str]) -> None:
    """Refuse fields that there are not; BadRequest says which there are."""
    names = dict.fromkeys(known)
    unknown = [one for one in fields if one not in names]
    if unknown:
        reason = f"{unknown[0][:_LONGEST]!r} is not one of {', '.join(names)}"
        raise BadRequest("There is no such field here.", [Detail(reason, "fields")])
