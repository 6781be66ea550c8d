"""What requests cost over HTTP: servers are measured in turns, and the least of all rounds counts.

Noise only adds: on a machine that does other things, too, the least is what a request takes.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from bench.servers import BEFORE, POSTGRESQL, SQLITE, Server, Servers, peers
from bench.table import NOTHING, Limit, Line, Table, figure, line, milliseconds

_SHORT = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL", BEFORE: "before"}
GATEWAY, WITH_ENGINE, TIME = "CPU, gateway", "CPU, gateway + engine", "time"

Limits = Mapping[str, float]


class Cost(NamedTuple):
    """What a request took, in seconds: the workers', the database's, and until it was answered."""

    web_s: float
    database_s: float
    wall_s: float

    @property
    def cpu_s(self) -> float:
        """The workers' and the database's."""
        return self.web_s + self.database_s


class Taken(NamedTuple):
    """A time, in seconds, and how it is shown."""

    seconds: float
    text: str

    @classmethod
    def of(cls, seconds: float) -> "Taken":
        """Show it in milliseconds."""
        return cls(seconds, milliseconds(seconds))


def beside_peers(title: str) -> Table:
    """Return a table of figures beside those of all peers, and their ratios."""
    return Table(
        title, ("quarterhour", *peers(), *(f"ratio to {_SHORT[name]}" for name in peers()))
    )


def names(what: str) -> tuple[str, ...]:
    """Return the names of the lines about a request."""
    return tuple(f"{what}: {measure}" for measure in (GATEWAY, WITH_ENGINE, TIME))


def lines(
    what: str, servers: Servers, rounds: Sequence[Sequence[Cost]], limits: Limits
) -> Iterator[Line]:
    """Yield three lines about a request from what it cost each server in each round.

    The limits are of the gateway's processor time, by peer, whose database counts. The database of
    the service counts where the line says so, as does that of the service before.
    """
    ours, *others = zip(*rounds, strict=True)
    theirs = dict(zip(servers.peers, others, strict=True))
    cpu = {name: _least_cpu(costs) for name, costs in theirs.items()}
    gateways = {name: _least_web(costs) for name, costs in theirs.items() if name == BEFORE}
    yield compared(f"{what}: {GATEWAY}", _least_web(ours), cpu | gateways, limits)
    yield compared(f"{what}: {WITH_ENGINE}", _least_cpu(ours), cpu)
    walls = {name: least_wall(costs) for name, costs in theirs.items()}
    yield compared(f"{what}: {TIME}", least_wall(ours), walls)


def compared(
    what: str, ours: Taken, theirs: Mapping[str, Taken], limits: Limits = MappingProxyType({})
) -> Line:
    """Return a line beside the peers; a limit is the most of what a peer takes."""
    known = {name: theirs[name] for name in peers() if name in theirs}
    ratios = {name: f"{ours.seconds / taken.seconds:.2f}x" for name, taken in known.items()}
    figures = [ours.text, *(known[name].text if name in known else NOTHING for name in peers())]
    figures += [ratios.get(name, NOTHING) for name in peers()]
    kept = [
        Limit(f"<= {most:g}x {_SHORT[name]}", ours.seconds <= most * known[name].seconds)
        for name, most in limits.items()
        if name in known
    ]
    return line(what, figures, kept)


def least_wall(costs: Iterable[Cost]) -> Taken:
    """Return the least time until an answer."""
    return Taken.of(min(cost.wall_s for cost in costs))


def _least_web(costs: Iterable[Cost]) -> Taken:
    return Taken.of(min(cost.web_s for cost in costs))


def _least_cpu(costs: Iterable[Cost]) -> Taken:
    """Return the least processor time, the workers' and the database's where it has any."""
    cost = min(costs, key=lambda cost: cost.cpu_s)
    if not cost.database_s:
        return Taken.of(cost.web_s)
    return Taken(cost.cpu_s, f"{figure(1e3 * cost.web_s)} + {milliseconds(cost.database_s)}")


def in_turns(
    servers: Servers, rounds: int, requests: Callable[[Server, int], Sequence[Callable[[], object]]]
) -> list[list[Cost]]:
    """Send what `requests` names for a server and a round, server by server, round by round."""
    return [
        [_cost(server, requests(server, nth)) for server in servers.all] for nth in range(rounds)
    ]


def _cost(server: Server, requests: Sequence[Callable[[], object]]) -> Cost:
    """Return what one of the requests took; wall time is the median one's, the others the mean."""
    web_s, database_s, walls = server.web_s(), server.database_s(), []
    for send in requests:
        began = time.perf_counter()
        send()
        walls.append(time.perf_counter() - began)
    count = len(requests)
    used = (server.web_s() - web_s) / count, (server.database_s() - database_s) / count
    return Cost(*used, statistics.median(walls))
