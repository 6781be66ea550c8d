"""A house as slowly and plainly as it can be said: every view from the posted bodies.

Written from the contract alone, on dicts and loops; nothing is shared with the package under test.

    house = House(1, entry, budgets, {2: [body, ...]})
    for request in requests(house, Random(1), 500, special=[date(2013, 7, 1)]):
        differences = same(expected(house, request), answered)
"""

from tests.models.slow_house.answers import Request, expected
from tests.models.slow_house.asked import Refused
from tests.models.slow_house.asking import requests
from tests.models.slow_house.comparison import same
from tests.models.slow_house.house import House
from tests.models.slow_house.wrong import bad_requests

__all__ = ["House", "Refused", "Request", "bad_requests", "expected", "requests", "same"]
