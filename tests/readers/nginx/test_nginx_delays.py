"""Delays of limit_req: measured with rate=1r/s burst=3, four requests at once start after 0, 1, 2 and 3 s."""

from pathlib import Path

import pytest

from budgetcheck.run import run

CONFIG = """
http {{
    limit_req_zone $binary_remote_addr zone=one:10m rate={rate};
    server {{
        listen 80;
        server_name x;
        location / {{ limit_req zone=one {options}; proxy_pass http://10.0.0.1; }}
    }}
}}
"""


@pytest.mark.parametrize(
    ("rate", "options", "milliseconds"),
    [
        ("1r/s", "burst=3", 3_000),
        ("30r/m", "burst=3", 6_000),
        ("1r/s", "burst=5 delay=2", 3_000),
        ("1r/s", "burst=3 nodelay", None),
        ("1r/s", "", None),
        ("$rate", "burst=3", None),
    ],
    ids=["per-second", "per-minute", "the-first-ones-pass", "nodelay", "no-burst", "unknown-rate"],
)
def test_the_longest_delay(tmp_path: Path, rate: str, options: str, milliseconds: int | None) -> None:
    (tmp_path / "nginx.conf").write_text(CONFIG.format(rate=rate, options=options))
    (route,) = run([tmp_path], cwd=tmp_path).routes
    (hop,) = [item.hop for item in route.hops]
    found = [limit.bound.value for limit in hop.limits if limit.setting == "limit_req.delay"]
    assert found == ([] if milliseconds is None else [milliseconds])


def test_the_delay_comes_before_the_pass_in_the_strict_bound_only(tmp_path: Path) -> None:
    """Only a caller that comes with others waits: the hang of a single request is not longer for it."""
    (tmp_path / "nginx.conf").write_text(CONFIG.format(rate="1r/s", options="burst=3"))
    (route,) = run([tmp_path], cwd=tmp_path).routes
    (worst, *_) = route.hops[0].worst_case.values()
    assert worst.hang.value == 60_000
    assert worst.strict.value == 60_000 + 60_000 + 3_000
