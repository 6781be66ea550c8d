"""The parameters of a POST of readings; those that a CSV body has no place for among them."""

from pydantic import BaseModel

from quarterhour.http.query.parameters import DryRun, OfCsv, Partial


class PostParameters(BaseModel):
    """How a batch is to be taken."""

    partial: Partial = False
    dry_run: DryRun = False


class DevicePostParameters(PostParameters):
    """And what a CSV body cannot say: it has readings alone."""

    units: OfCsv = None
    interval: OfCsv = None
    label: OfCsv = None
    timezone: OfCsv = None


class ShipPostParameters(DevicePostParameters):
    """And of which ship they are."""

    spaceship_id: OfCsv = None
