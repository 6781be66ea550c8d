"""The table: every item, key, call and condition of it (docs/table.md). Only here is boto3 used."""

from quarterhour.store.access import Store
from quarterhour.store.environment import store

__all__ = ["Store", "store"]
