"""The table for requests that take readings back, or look at what there is and what was taken."""

from quarterhour.sites.site import Site
from quarterhour.sites.sources import Source
from quarterhour.store.environment import calls
from quarterhour.store.read.kept import KeptReadings
from quarterhour.store.table import parallel
from quarterhour.store.table.audit import Audit
from quarterhour.store.write.deleter import Deleter
from quarterhour.store.writers import writer_of


def deleter(received_s: float = 0.0) -> Deleter:
    """Return the table for one delete, which begins now."""
    table = calls(received_s)
    return Deleter(table, writer_of(table), parallel.side_by_side)


def kept_readings(site: Site, source: Source) -> KeptReadings:
    """Return the table for one read of a source's readings as they are kept."""
    return KeptReadings(calls(), site, source)


def audit() -> Audit:
    """Return the audit items for one request, which begins now."""
    return Audit(calls())
