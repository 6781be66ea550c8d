"""How a command that cannot do its work ends: with one sentence on stderr."""

import sys

from botocore.exceptions import BotoCoreError, ClientError

from local.commands.settings import SettingsError
from local.engine.dynamodb import EngineError
from local.engine.folder import UnusableError, sentence
from quarterhour.store.table.refused import CallLost, CallRefused


class RunError(Exception):
    """The local run cannot start or go on; the text is a sentence for the user."""


FAILURES = (
    *(RunError, SettingsError, EngineError, UnusableError),
    *(BotoCoreError, ClientError, CallLost, CallRefused, OSError),
)


def failed(error: Exception) -> int:
    """Print a sentence about which of the FAILURES it was; return the exit code 1."""
    if isinstance(error, BotoCoreError | ClientError | CallLost | CallRefused):
        return ended(f"the table cannot be used: {error}")
    return ended(sentence(error) if isinstance(error, OSError) else str(error))


def ended(text: str, code: int = 1) -> int:
    """Print to stderr why a command ends; return its exit code."""
    print(f"quarterhour: {text}", file=sys.stderr)
    return code
