"""The parameters of a POST of readings; those that a CSV body has no place for among them."""

from pydantic import BaseModel

from quarterhour.http.query.parameters import DryRun, OfCsv, Partial


class PostParameters(BaseModel):
    """How a device's batch is taken, and what a CSV body cannot say, as it has readings alone."""

    partial: Partial = False
    dry_run: DryRun = False
    units: OfCsv = None
    interval: OfCsv = None
    label: OfCsv = None
    timezone: OfCsv = None


class ShipPostParameters(PostParameters):
    """And of which ship the readings are."""

    spaceship_id: OfCsv = None
