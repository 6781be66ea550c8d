"""What must hold of template.yaml, read as it stands: SAM and AWS see nothing else."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local import intrinsics, template
from local.intrinsics import Scope, parse, resolve
from quarterhour.store.scheduled import UNFILLED
from quarterhour.store.table.registry import MAX_SHIPS
from tests.pages import prose, table

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT: dict[str, Any] = parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
OWN_ARN = {"Fn::GetAtt": ["Table", "Arn"]}
OTHER_ARN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTable}"
TABLE_ARN = {"Fn::If": ["MakesTable", OWN_ARN, {"Fn::Sub": OTHER_ARN}]}
TABLE_NAME = {"Fn::If": ["MakesTable", {"Ref": "Table"}, {"Ref": "ExistingTable"}]}
STACK_NAME = {"Ref": "AWS::StackName"}
QUEUE_ARN = {"Fn::GetAtt": ["ShardQueue", "Arn"]}
DEAD_LETTERS = {"Fn::GetAtt": ["DeadLetters", "Arn"]}

READS = {"dynamodb:GetItem", "dynamodb:Query"}
SETTLES = READS | {
    *("dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
}
ACTIONS = {
    "ingest": READS | {"dynamodb:BatchGetItem", "dynamodb:UpdateItem"},
    "deletes": READS | {"dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"},
    "readings": READS | {"dynamodb:BatchGetItem"},
    "range": READS,
    "ships": READS,
    "fleet": READS,
    "top_users": READS | {"dynamodb:BatchGetItem"},
    "houses": READS | {"dynamodb:BatchGetItem", "dynamodb:UpdateItem"},
    "view": {"dynamodb:BatchGetItem", "dynamodb:Query"},
    "rollup": SETTLES | {"sqs:SendMessage"},
    "rollup_shard": SETTLES | {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
    "about": set[str](),
}
REST = "/{proxy+}"
ROLLUPS = ("RollupFunction", "RollupShardFunction")


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Return the resources of a type, by logical id."""
    return {name: each for name, each in DOCUMENT["Resources"].items() if each["Type"] == kind}


FUNCTIONS = resources("AWS::Serverless::Function")
ALARMS = resources("AWS::CloudWatch::Alarm")
LOG_GROUPS = resources("AWS::Logs::LogGroup")
ROUTES = template.load().routes


def properties(kind: str) -> dict[str, Any]:
    """Return the properties of the one resource of a type."""
    (only,) = resources(kind).values()
    found: dict[str, Any] = only["Properties"]
    return found


def folder(function: dict[str, Any]) -> str:
    return Path(function["Properties"]["CodeUri"]).name


def statements(function: dict[str, Any]) -> list[dict[str, Any]]:
    policies = function["Properties"].get("Policies", [])
    return [statement for policy in policies for statement in policy["Statement"]]


def metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the metrics an alarm looks at, as (namespace, name, dimensions) dicts."""
    what = alarm["Properties"]
    if "MetricName" in what:
        return [what]
    return [each["MetricStat"]["Metric"] for each in what["Metrics"] if "MetricStat" in each]


def watched(metric_name: str) -> list[Any]:
    """Return what the alarms on a metric look at: the values of its dimensions."""
    return [
        dimension["Value"]
        for alarm in ALARMS.values()
        for metric in metrics(alarm)
        if metric["MetricName"] == metric_name
        for dimension in metric["Dimensions"]
    ]


def test_every_function_has_its_folder_and_every_folder_its_function() -> None:
    there = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert there == {folder(function) for function in FUNCTIONS.values()}


def test_every_route_leads_to_a_function_with_code() -> None:
    assert ROUTES
    for route in ROUTES:
        assert (ROOT / "functions" / route.function / "app.py").is_file(), route.key


def test_no_route_is_given_twice() -> None:
    keys = [route.key for route in ROUTES]
    assert len(keys) == len(set(keys))


def test_every_path_has_its_twin_with_a_trailing_slash() -> None:
    """HTTP APIs take no route that ends in a slash: what comes after one is matched instead."""
    # A file's name ends where it ends; $default has no path.
    named = {route for route in ROUTES if route.path and "." not in route.path}
    assert not [route.key for route in named if route.path.endswith("/")]
    plain = {route for route in named if not route.path.endswith(REST)}
    assert plain
    assert {replace(route, path=route.path + REST) for route in plain} <= named


def test_what_reads_takes_get_and_head() -> None:
    read, headed = (
        {(route.path, route.function) for route in ROUTES if route.method == method}
        for method in ("GET", "HEAD")
    )
    assert read
    assert read == headed


def test_routes_name_their_methods() -> None:
    """SAM CLI takes ANY for every method of its path, also those that are routed elsewhere."""
    assert "ANY" not in {route.method for route in ROUTES}


def test_what_has_no_route_goes_to_about() -> None:
    assert [route.function for route in ROUTES if route.key == template.DEFAULT_ROUTE] == ["about"]


def test_the_runtime_is_python_3_13_everywhere() -> None:
    """`sam validate --lint` does not look at Globals."""
    assert DOCUMENT["Globals"]["Function"]["Runtime"] == "python3.13"
    assert not [name for name, each in FUNCTIONS.items() if "Runtime" in each["Properties"]]
    layer = properties("AWS::Serverless::LayerVersion")
    assert layer["CompatibleRuntimes"] == ["python3.13"]
    assert layer["CompatibleArchitectures"] == DOCUMENT["Globals"]["Function"]["Architectures"]


def test_no_function_outlives_the_gateway_but_the_rollups_which_are_not_behind_it() -> None:
    assert DOCUMENT["Globals"]["Function"]["Timeout"] <= 30
    longer = {name for name, each in FUNCTIONS.items() if "Timeout" in each["Properties"]}
    assert longer == set(ROLLUPS)
    assert not {route.function for route in ROUTES} & {"rollup", "rollup_shard"}


def test_the_functions_get_these_variables() -> None:
    variables = DOCUMENT["Globals"]["Function"]["Environment"]["Variables"]
    assert {name: value for name, value in variables.items() if not name.startswith("CORS_")} == {
        "TABLE_NAME": TABLE_NAME,
        "SHARDS": {"Ref": "Shards"},
        "WRITE_ORIGINS": {"Ref": "WriteOrigins"},
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": STACK_NAME,
        "POWERTOOLS_METRICS_NAMESPACE": "Quarterhour",
    }
    assert str(DOCUMENT["Parameters"]["Shards"]["Default"]) == "1"
    assert not [name for name, value in variables.items() if isinstance(value, int)]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
class TestEachFunction:
    def test_may_do_exactly_what_it_does(self, name: str) -> None:
        allowed = {action for each in statements(FUNCTIONS[name]) for action in each["Action"]}
        assert allowed == ACTIONS[folder(FUNCTIONS[name])]

    def test_may_touch_the_table_and_the_queue_of_shards_alone(self, name: str) -> None:
        for each in statements(FUNCTIONS[name]):
            services = {action.partition(":")[0] for action in each["Action"]}
            of_table = {"Effect": "Allow", "Action": each["Action"], "Resource": TABLE_ARN}
            assert each == of_table | ({} if services == {"dynamodb"} else {"Resource": QUEUE_ARN})

    def test_logs_json_to_a_group_of_its_own_that_forgets(self, name: str) -> None:
        logging = FUNCTIONS[name]["Properties"]["LoggingConfig"]
        assert logging["LogFormat"] == "JSON"
        users = [
            other
            for other, each in FUNCTIONS.items()
            if each["Properties"]["LoggingConfig"]["LogGroup"] == logging["LogGroup"]
        ]
        assert users == [name]
        assert logging["LogGroup"]["Ref"] in LOG_GROUPS

    def test_is_built_by_make_from_its_folder(self, name: str) -> None:
        function = FUNCTIONS[name]
        assert function["Properties"]["Handler"] == "app.handler"
        assert function["Metadata"] == {"BuildMethod": "makefile", "ContextPath": "functions"}


def test_every_log_group_forgets() -> None:
    assert all(each["Properties"]["RetentionInDays"] > 0 for each in LOG_GROUPS.values())


def test_every_alarm_looks_at_one_metric() -> None:
    """A sum over functions breaks the deploy: metric math takes ten, which the linter does not."""
    assert {name: len(metrics(alarm)) for name, alarm in ALARMS.items()} == dict.fromkeys(ALARMS, 1)


def test_the_api_is_watched_for_failures_and_the_table_for_throttling() -> None:
    assert watched("5xx") == [{"Ref": "Api"}]
    assert watched("ReadThrottleEvents") == watched("WriteThrottleEvents") == [TABLE_NAME]


def test_every_alarm_tells_somebody() -> None:
    for name, alarm in ALARMS.items():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "AlarmTopic"}], name


def test_silence_is_told_only_of_what_must_run_and_has_run() -> None:
    """An alarm begins without data: it tells of none only once it has seen some."""
    heard = {name: each["Properties"] for name, each in ALARMS.items()}
    silence = heard.pop("StoppedRollups")
    assert silence["TreatMissingData"] == "missing"
    assert silence["InsufficientDataActions"] == silence["AlarmActions"]
    assert silence["Statistic"] == "SampleCount"
    assert {each["TreatMissingData"] for each in heard.values()} == {"notBreaching"}
    assert not [name for name, each in heard.items() if "InsufficientDataActions" in each]


def test_the_rollup_runs_every_minute_with_the_time_it_was_due() -> None:
    (schedule,) = template.load().schedules
    assert (schedule.function, schedule.rate) == ("rollup", "rate(1 minute)")
    assert parse(schedule.input) == {"time": UNFILLED}
    assert UNFILLED == "<aws.scheduler.scheduled-time>"


def test_a_rollup_that_is_given_up_is_kept_and_told() -> None:
    """The schedule knows only whether Lambda took the event; Lambda whether the function failed."""
    function = FUNCTIONS["RollupFunction"]["Properties"]
    (event,) = function["Events"].values()
    assert event["Type"] == "ScheduleV2"
    assert event["Properties"]["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert event["Properties"]["DeadLetterConfig"] == {"Arn": DEAD_LETTERS}
    failed = function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert failed == {"Type": "SQS", "Destination": DEAD_LETTERS}
    queue = DOCUMENT["Resources"]["ShardQueue"]["Properties"]
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": DEAD_LETTERS, "maxReceiveCount": 5}
    name = {"Fn::GetAtt": ["DeadLetters", "QueueName"]}
    assert watched("ApproximateNumberOfMessagesVisible") == [name]


def test_a_message_comes_back_only_when_its_function_has_long_ended() -> None:
    timeouts = {FUNCTIONS[name]["Properties"]["Timeout"] for name in ROLLUPS}
    assert timeouts == {900}
    queue = DOCUMENT["Resources"]["ShardQueue"]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * 900
    assert queue["MessageRetentionPeriod"] > 5 * queue["VisibilityTimeout"]


def test_each_shard_has_a_call_of_its_own_and_says_for_itself_whether_it_failed() -> None:
    mapping = properties("AWS::Lambda::EventSourceMapping")
    assert mapping["EventSourceArn"] == QUEUE_ARN
    assert mapping["FunctionName"] == {"Ref": "RollupShardFunction"}
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_work_that_rollups_leave_for_a_day_is_told() -> None:
    alarm = ALARMS["UnsettledDays"]["Properties"]
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 86_400
    variables = DOCUMENT["Globals"]["Function"]["Environment"]["Variables"]
    for each in alarm, ALARMS["StoppedRollups"]["Properties"]:
        assert each["Namespace"] == variables["POWERTOOLS_METRICS_NAMESPACE"]
        service = variables["POWERTOOLS_SERVICE_NAME"]
        assert each["Dimensions"] == [{"Name": "service", "Value": service}]
        assert each["MetricName"] == "TodoLeft"


def test_a_site_that_fails_is_told_in_the_run_in_which_it_does() -> None:
    alarm, known = (ALARMS[name]["Properties"] for name in ("FailedSources", "UnsettledDays"))
    assert alarm["MetricName"] == "SourcesFailed"
    assert [alarm[name] for name in ("Period", "EvaluationPeriods", "Threshold")] == [900, 1, 1]
    for name in "Namespace", "Dimensions", "Statistic":
        assert alarm[name] == known[name]


@pytest.mark.parametrize(
    ("name", "metric", "period", "threshold"),
    [("WrongBlocks", "BlocksWrong", 900, 1), ("FullShards", "ShipsOfShard", 3600, MAX_SHIPS * 0.8)],
)
def test_what_a_run_tells_of_is_told_in_the_run_that_does(
    name: str, metric: str, period: int, threshold: float
) -> None:
    alarm, known = (ALARMS[each]["Properties"] for each in (name, "UnsettledDays"))
    assert alarm["MetricName"] == metric
    limits = [alarm[each] for each in ("Period", "EvaluationPeriods", "Threshold")]
    assert limits == [period, 1, threshold]
    for each in "Namespace", "Dimensions", "Statistic", "ComparisonOperator":
        assert alarm[each] == known[each]


def test_the_table_is_what_storage_needs() -> None:
    table = properties("AWS::DynamoDB::Table")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert table["AttributeDefinitions"] == [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
    ]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_the_readings_are_hard_to_lose() -> None:
    table = properties("AWS::DynamoDB::Table")
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert "SSESpecification" not in table  # encrypted all the same: a key of one's own costs
    assert table["DeletionProtectionEnabled"] is True
    (resource,) = resources("AWS::DynamoDB::Table").values()
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def leaves(value: Any) -> Iterator[str]:
    """Yield every text in the values of a document."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(
    ("existing", "name", "arn"),
    [
        ("", "Table", "Table.Arn"),
        ("old", "old", "arn:aws:dynamodb:us-east-1:123456789012:table/old"),
    ],
)
def test_the_table_is_the_stacks_own_or_one_that_is_there(
    existing: str, name: str, arn: str
) -> None:
    scope = Scope({"ExistingTable": existing}, conditions=DOCUMENT["Conditions"])
    there = intrinsics.existing(DOCUMENT["Resources"], scope)
    assert ("Table" in there) == (existing == "")
    used = [*leaves(resolve({**DOCUMENT, "Resources": there}, scope))]
    assert {name, arn} < set(used)
    assert existing == "" or not {"Table", "Table.Arn"} & set(used)
    assert used.count(arn) == sum(bool(ACTIONS[folder(each)]) for each in FUNCTIONS.values())


# What names a resource where CloudFormation would make a name; versions of a layer share theirs.
NAMES = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Lambda::EventSourceMapping": None,
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::Serverless::HttpApi": "Name",
    "AWS::Serverless::LayerVersion": None,
}


def test_nothing_has_a_name_that_a_second_stack_would_want_too() -> None:
    for name, each in DOCUMENT["Resources"].items():
        assert NAMES[each["Type"]] not in each.get("Properties", {}), name
    (event,) = FUNCTIONS["RollupFunction"]["Properties"]["Events"].values()
    assert event["Properties"]["OmitName"] is True  # SAM would name it after the function
    assert "Name" not in event["Properties"]


def test_the_api_is_limited_and_keeps_a_log_that_is_json() -> None:
    api = properties("AWS::Serverless::HttpApi")
    assert api["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert api["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": ["ApiLog", "Arn"]}
    assert isinstance(parse(api["AccessLogSettings"]["Format"]), dict)


def test_pages_of_other_origins_may_read_and_only_named_ones_write() -> None:
    for origins, writes in (("", set()), ("https://a.example", {"POST", "PUT", "DELETE"})):
        cors = template.load(parameters={"WriteOrigins": origins}).cors
        assert cors is not None
        assert set(cors.allow_methods) == {"GET", "HEAD", "OPTIONS"} | writes
        assert cors.allow_origins == ("*",)
        assert not cors.allow_credentials


def test_the_page_lists_the_alarms_and_names_what_it_shows() -> None:
    page = ROOT / "docs" / "aws.md"
    listed = {name for row in table(page, "Alarms") for name in row["alarm"].split(", ")}
    assert listed == set(ALARMS)
    given = re.findall(r"\b(\w+)=", " ".join(re.findall(r'PARAMETERS="(.+?)"', prose(page))))
    assert set(given) <= set(DOCUMENT["Parameters"])
    outputs = re.findall(r"output `(\w+)`", prose(page))
    assert outputs
    assert set(outputs) <= set(DOCUMENT["Outputs"])


def test_the_stack_says_where_it_is() -> None:
    assert {"ApiUrl", "TableName"} <= set(DOCUMENT["Outputs"])
