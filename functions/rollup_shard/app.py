"""One shard of the rollup, or the fleet's step, as the queue asks for it."""

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from quarterhour.store.scheduled import logger, run

processor = BatchProcessor(event_type=EventType.SQS)


@logger.inject_lambda_context
def handler(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    """Roll up what is asked for; those that failed, and no others, come again."""
    return process_partial_response(event, _roll_up, processor, context)


def _roll_up(record: SQSRecord, lambda_context: LambdaContext) -> None:
    request = record.json_body
    run(request["shard"], request["time"], lambda_context, request.get("may", ""))
