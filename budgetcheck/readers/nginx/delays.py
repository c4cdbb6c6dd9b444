"""How long `limit_req` may hold a request back before its pass.

https://nginx.org/en/docs/http/ngx_http_limit_req_module.html: requests over the rate wait until the leaky
bucket has room, at most `burst - delay` requests long; `nodelay` lets them through at once. Measured with
rate=1r/s and burst=3: four requests at once start after 0, 1, 2 and 3 s.
"""

import re
from collections.abc import Iterator

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Known, Setting
from budgetcheck.readers.nginx.expansion import Placed
from budgetcheck.readers.nginx.places import Place

SETTING = "limit_req.delay"

_RATE = re.compile(r"(\d+)r/([sm])")
_PERIOD_MS = {"s": 1_000, "m": 60_000}


def delay_setting(place: Place) -> Iterator[Setting]:
    """The longest delay of the `limit_req` directives in force, as a setting; nothing without a delay."""
    longest, decisive = 0, None
    for placed in place.nearest("limit_req"):
        delay = _delay(placed, place)
        if delay > longest:
            longest, decisive = delay, placed
    if decisive is not None:
        own = decisive in place.block.directives.get("limit_req", ())
        yield Setting(
            name=SETTING,
            value=Known(value=f"{longest}ms"),
            spans=decisive.spans,
            origin=Origin.WRITTEN if own else Origin.INHERITED,
        )


def _delay(placed: Placed, place: Place) -> int:
    """Milliseconds; 0 where the zone or a number is not known, since that says nothing about a delay."""
    options = dict(argument.partition("=")[::2] for argument in placed.args)
    waiting = _number(options.get("burst", "0")) - _number(options.get("delay", "0"))
    rate = _rate(options.get("zone", ""), place)
    if "nodelay" in options or waiting <= 0 or rate is None:
        return 0
    requests, period = rate
    return -(-waiting * period // requests)


def _rate(zone: str, place: Place) -> tuple[int, int] | None:
    """Requests and milliseconds of a zone's rate; the zone is declared in a block around the location."""
    for block in place.chain:
        for placed in block.directives.get("limit_req_zone", ()):
            options = dict(argument.partition("=")[::2] for argument in placed.args)
            if options.get("zone", "").partition(":")[0] == zone:
                match = _RATE.fullmatch(options.get("rate", ""))
                return (int(match[1]), _PERIOD_MS[match[2]]) if match and int(match[1]) else None
    return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
