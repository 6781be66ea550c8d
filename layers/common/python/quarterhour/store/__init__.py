"""The table: every item, key, call and condition of it (docs/table.md). Only here is boto3 used."""
