"""The table of the lab, subject by subject. Times are short: a tenth of what people write, at most."""

from ..case import Case
from .attempts import ATTEMPTS
from .dead_hosts import DEAD_HOSTS
from .families import FAMILIES
from .inheritance import INHERITANCE
from .passes import PASSES
from .responses import RESPONSES
from .streams import STREAMS

CASES: tuple[Case, ...] = (
    *ATTEMPTS,
    *DEAD_HOSTS,
    *INHERITANCE,
    *RESPONSES,
    *PASSES,
    *FAMILIES,
    *STREAMS,
)
