from pathlib import Path

import pytest

from local import template
from local.intrinsics import Scope, parse, resolve
from local.template import Cors, Function, Route, Schedule, load

SMALL = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Shards: {Type: Number, Default: 1}
  Stage: {Type: String, Default: test}
Mappings:
  Sizes: {small: {mb: 256}}
Conditions:
  IsTest: !Equals [!Ref Stage, test]
  IsLive: !Not [!Condition IsTest]
Globals:
  Function:
    Timeout: 30
    Environment:
      Variables: {TABLE_NAME: !Ref Table, SHARDS: !Ref Shards, TRACE: false}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: ["*"], AllowMethods: [GET], MaxAge: 600}
  Ingest:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/ingest/
      Handler: app.handler
      MemorySize: !FindInMap [Sizes, small, mb]
      Environment:
        Variables:
          SHARDS: !If [IsLive, 9, 2]
          QUEUE: !Sub "https://${AWS::Region}.example/${Table}-${!literal}"
          ROLE: !GetAtt Role.Arn
          PATHS: !Join [":", [a, !Ref Stage]]
      Events:
        Post: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: post, Path: /data}}
        Tick: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(15 minutes)}}
  About:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/about
      Handler: app.handler
      Events:
        Rest: {Type: HttpApi}
        One: {Type: HttpApi, Properties: {Path: "/ships/{id}"}}
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      SSESpecification: {SSEEnabled: true}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(SMALL)
    return path


def test_routes_are_method_path_and_folder_and_no_path_is_the_default_route(small: Path) -> None:
    assert load(small).routes == (
        Route("POST", "/data", "ingest"),
        Route("$default", "", "about"),
        Route("ANY", "/ships/{id}", "about"),
    )
    assert [route.key for route in load(small).routes] == [
        "POST /data",
        "$default",
        "ANY /ships/{id}",
    ]


def test_functions_carry_the_environment_of_globals_under_their_own(small: Path) -> None:
    ingest, about = load(small, "my-local-table").functions
    assert ingest == Function(
        name="ingest",
        handler="app.handler",
        environment={
            "TABLE_NAME": "my-local-table",
            "SHARDS": "2",
            "TRACE": "false",
            "QUEUE": "https://us-east-1.example/my-local-table-${!literal}",
            "ROLE": "Role.Arn",
            "PATHS": "a:test",
        },
        timeout_s=30,
        memory_mb=256,
    )
    assert about.environment == {"TABLE_NAME": "my-local-table", "SHARDS": "1", "TRACE": "false"}
    assert about.memory_mb == 128


def test_a_parameter_that_is_given_stands_for_its_default(small: Path) -> None:
    ingest, _ = load(small, parameters={"Stage": "live"}).functions
    assert (ingest.environment["SHARDS"], ingest.environment["PATHS"]) == ("9", "a:live")


def test_the_table_is_what_create_table_takes(small: Path) -> None:
    assert load(small, "my-local-table").table == {
        "TableName": "my-local-table",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    }


def test_schedules_have_a_rate_and_a_function(small: Path) -> None:
    assert load(small).schedules == (Schedule("Tick", "rate(15 minutes)", "ingest"),)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            '{AllowOrigins: ["*"], AllowMethods: [GET], MaxAge: 600}',
            Cors(("*",), ("GET",), (), (), 600),
        ),
        ("true", Cors(("*",))),
        ("false", None),
    ],
)
def test_cors_is_the_apis(small: Path, written: str, read: Cors | None) -> None:
    small.write_text(
        SMALL.replace('{AllowOrigins: ["*"], AllowMethods: [GET], MaxAge: 600}', written)
    )
    assert load(small).cors == read


def test_a_template_without_its_one_table_is_refused(small: Path) -> None:
    small.write_text(SMALL.replace("AWS::DynamoDB::Table", "AWS::S3::Bucket"))
    with pytest.raises(ValueError, match="0 tables"):
        load(small)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("!And [!Equals [a, a], !Equals [b, c]]", False),
        ("!Or [!Equals [a, a], !Equals [b, c]]", True),
        ("!Not [!Equals [1, '1']]", False),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:  # noqa: FBT001
    scope = Scope({}, conditions={"It": parse(condition)})
    assert resolve(parse("!If [It, yes it does, no]"), scope) == ("yes it does" if holds else False)


@pytest.mark.parametrize(("condition", "there"), [("IsTest", True), ("IsLive", False)])
def test_a_resource_whose_condition_does_not_hold_is_not_there(
    small: Path,
    condition: str,
    there: bool,  # noqa: FBT001
) -> None:
    about = "  About:\n    Type: AWS::Serverless::Function\n"
    assert about in SMALL
    small.write_text(SMALL.replace(about, f"{about}    Condition: {condition}\n"))
    loaded = load(small)
    assert ("about" in {each.name for each in loaded.functions}) == there
    assert ("about" in {route.function for route in loaded.routes}) == there


def test_a_table_that_is_not_made_is_none(small: Path) -> None:
    table = "    Type: AWS::DynamoDB::Table\n"
    small.write_text(SMALL.replace(table, f"{table}    Condition: IsLive\n"))
    with pytest.raises(ValueError, match="0 tables"):
        load(small)


def test_sub_takes_names_of_its_own() -> None:
    text = "!Sub ['${Name} of ${Ship}', {Name: !Ref First}]"
    assert resolve(parse(text), Scope({"First": "log", "Ship": "7"})) == "log of 7"


def test_the_project_template_has_a_folder_for_every_function() -> None:
    loaded = load()
    for function in loaded.functions:
        assert (template.ROOT / "functions" / function.name / "app.py").is_file()
    assert {function.environment["TABLE_NAME"] for function in loaded.functions} == {
        template.LOCAL_TABLE
    }
    assert len({route.key for route in loaded.routes}) == len(loaded.routes)
    assert [each["AttributeName"] for each in loaded.table["KeySchema"]] == ["pk", "sk"]
