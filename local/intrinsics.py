"""CloudFormation's YAML: short tags (`!Ref x`) in their long form, intrinsics as values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::NoValue": "",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "quarterhour",
    "AWS::URLSuffix": "amazonaws.com",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean: `refs` for Ref and Sub, `mappings` for FindInMap, `conditions` for If."""

    refs: Mapping[str, Any]
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)


class _CloudFormationLoader(yaml.SafeLoader):
    """SafeLoader that also knows the short tags."""


def _long_form(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_CloudFormationLoader.add_multi_constructor("!", _long_form)


def parse(text: str) -> Any:
    """Read YAML; the short tags become `{"Ref": ...}` and `{"Fn::...": ...}`."""
    loader = _CloudFormationLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def resolve(value: Any, scope: Scope) -> Any:
    """Replace every intrinsic function in `value`; what cannot be known here becomes its name."""
    if isinstance(value, list):
        return [resolve(item, scope) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        name, argument = next(iter(value.items()))
        if name in _INTRINSICS:
            return _INTRINSICS[name](argument, scope)
    return {key: resolve(member, scope) for key, member in value.items()}


def existing(resources: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Return the resources that have no condition, or one that holds."""
    return {
        name: resource
        for name, resource in resources.items()
        if "Condition" not in resource or _holds({"Condition": resource["Condition"]}, scope)
    }


def _ref(name: str, scope: Scope) -> Any:
    # The name of a resource stands for itself: its physical name does not exist here.
    return scope.refs.get(name, PSEUDO_PARAMETERS.get(name, name))


def _get_att(argument: list[str], _scope: Scope) -> str:
    return ".".join(argument)


def _sub(argument: str | list[Any], scope: Scope) -> str:
    text, extra = (argument, {}) if isinstance(argument, str) else argument
    names = {**scope.refs, **resolve(extra, scope)}
    inner = Scope(names, scope.mappings, scope.conditions)
    return re.sub(r"\$\{([^!}][^}]*)\}", lambda match: str(_ref(match[1].strip(), inner)), text)


def _join(argument: list[Any], scope: Scope) -> str:
    separator, parts = argument
    return str(separator).join(str(part) for part in resolve(parts, scope))


def _find_in_map(argument: list[Any], scope: Scope) -> Any:
    name, top, second = resolve(argument, scope)
    return scope.mappings[name][top][second]


def _if(argument: list[Any], scope: Scope) -> Any:
    condition, then, otherwise = argument
    return resolve(then if _holds({"Condition": condition}, scope) else otherwise, scope)


def _holds(condition: Mapping[str, Any], scope: Scope) -> bool:
    name, argument = next(iter(condition.items()))
    return _CONDITIONS[name](argument, scope)


def _equals(argument: list[Any], scope: Scope) -> bool:
    left, right = resolve(argument, scope)
    return str(left) == str(right)


_INTRINSICS: Mapping[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
}

_CONDITIONS: Mapping[str, Callable[[Any, Scope], bool]] = {
    "Condition": lambda name, scope: _holds(scope.conditions[name], scope),
    "Fn::Equals": _equals,
    "Fn::Not": lambda argument, scope: not _holds(argument[0], scope),
    "Fn::And": lambda argument, scope: all(_holds(condition, scope) for condition in argument),
    "Fn::Or": lambda argument, scope: any(_holds(condition, scope) for condition in argument),
}
