"""The views by name, and the parameters they have."""

import inspect

import pytest

from quarterhour.http.query.houses import ViewParameters
from quarterhour.views.by_name import LISTED, PARAMETERS, VIEWS


def test_all_views_of_the_list_are_there_but_the_default_that_is_a_route_of_its_own() -> None:
    assert {*LISTED} - {*VIEWS} == {"default"}
    assert {*VIEWS} - {*LISTED} == {"temperature", "basetemp"}


@pytest.mark.parametrize("name", [*VIEWS])
def test_a_view_is_a_module_of_its_name_that_plans_and_answers(name: str) -> None:
    view = VIEWS[name]
    assert inspect.ismodule(view)
    assert view.__name__ == f"quarterhour.views.{name}"
    assert [*inspect.signature(view.plan).parameters] == ["question", "house"]
    assert [*inspect.signature(view.answer).parameters] == ["question", "house", "results"]


def test_every_view_has_its_parameters_and_every_parameter_a_view() -> None:
    assert PARAMETERS.keys() == VIEWS.keys()
    assert set[str]().union(*PARAMETERS.values()) == {*ViewParameters.model_fields} - {"form"}
