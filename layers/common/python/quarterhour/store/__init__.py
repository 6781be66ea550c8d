"""The table: every item, key, call and condition of it (docs/table.md). Only here is boto3 used."""

from quarterhour.store.environment import (
    fleet_reader,
    houses,
    known_sites_and_writer,
    ranking_reader,
    reader,
    roll_up,
    writer,
)

__all__ = [
    "fleet_reader",
    "houses",
    "known_sites_and_writer",
    "ranking_reader",
    "reader",
    "roll_up",
    "writer",
]
