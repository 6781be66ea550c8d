"""Parameters of questions about a house as text, which are read when it is known."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from quarterhour.errors import Detail, invalid
from quarterhour.http.answers.forms import FORMS
from quarterhour.http.query.parameters import name_of
from quarterhour.query.intervals import OF_VIEWS
from quarterhour.time import dates

# What reads a parameter's text; ValueError says what is wrong with it.
Read = Callable[[str], Any]

MOST_NAMED = 100  # characters of a name that is none

_A_DATE = {
    "type": "string",
    "pattern": r"^20[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$",
}
_A_DURATION = {"type": "string", "pattern": "^[0-9]{1,3}(hour|day|month|year)s?$"}
A_STRING = {"type": "string"}


def text_field(description: str, schema: Mapping[str, Any], alias: str | None = None) -> Any:
    """Return the field of a text that may be left out, in the document of that schema."""

    def replace(described: dict[str, Any]) -> None:
        del described["anyOf"]
        described |= schema

    return Field(None, alias=alias, description=description, json_schema_extra=replace)


def form_field() -> Any:
    """Return the field `format`."""
    return text_field(
        "The answer's form; default json.", {"type": "string", "enum": [*FORMS]}, "format"
    )


def interval_field(names: Iterable[str]) -> Any:
    """Return the field of an interval of these names."""
    return text_field("The period of an item. Required.", {"type": "string", "enum": [*names]})


class RangeParameters(BaseModel):
    """What all of them have; `interval` is required, though `read` refuses where there is none."""

    model_config = ConfigDict(json_schema_extra={"required": ["interval"]})

    interval: str | None = interval_field(OF_VIEWS)
    start: str | None = text_field(
        "The first local day: `2013`, `2013-01` or `2013-01-05`. Empty: open.", _A_DATE
    )
    end: str | None = text_field("The local day after the last. Empty: open.", _A_DATE)
    duration: str | None = text_field(
        "In the place of `end`, from `start` on: `1day`, `12months`.", _A_DURATION
    )

    def texts(self) -> dict[str, str]:
        """Return the parameters that are written, by name."""
        written = self.model_dump(by_alias=True)
        return {name: text for name, text in written.items() if text}


def read(
    texts: Mapping[str, str], reads: Mapping[str, Read], unknown: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what the parameters say; BadRequest names all that are wrong. `interval` must be."""
    values = dict[str, Any]()
    details = [Detail("is no parameter here", name[:MOST_NAMED]) for name in unknown]
    for name, text in {"interval": "", **texts}.items():
        try:
            values[name] = reads[name](text)
        except ValueError as error:
            details.append(Detail(str(error), name))
    if details:
        raise invalid(details)
    return values


def interval_of(spellings: Mapping[str, str]) -> Read:
    """Return what reads an interval, of which these are all spellings."""
    reason = f"must be one of {', '.join(spellings)}"

    def read(text: str) -> str:
        if text not in spellings:
            raise ValueError(reason if text else f"is required: {reason}")
        return spellings[text]

    return read


IN_EACH: dict[str, Read] = {
    "start": dates.day,
    "end": dates.day,
    "duration": dates.duration,
    "format": name_of(FORMS),
}
