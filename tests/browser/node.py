"""Runs the page's arithmetic in Node.js, without a page."""

import json
import shutil
import subprocess
from collections.abc import Sequence

from budgetcheck.render.html_assets import script

_DRIVER = """
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
const out = (bound) => (bound.low === bound.high ? bound.low : [bound.low, bound.high, bound.choices]);
const answers = input.cases.map(([number, changes]) => {
  const route = Model.changed(Model.route(input.data, number), changes);
  const found = Budget.assess(route);
  return {
    verdict: found.verdict,
    slack: found.slack,
    joints: found.joints.map((joint) => ({
      granted: out(joint.granted), needed: out(joint.needed), verdict: joint.verdict, slack: joint.slack,
    })),
    hops: Object.fromEntries(found.classes.map((methods) => [methods,
      [...route.chain, ...route.calls].map((index) => {
        const { worst } = found.costs[methods].get(index);
        return [out(worst.hang), out(worst.attempts)];
      })])),
  };
});
process.stdout.write(JSON.stringify(answers));
"""


def installed() -> bool:
    return shutil.which("node") is not None


def assess(data: object, cases: Sequence[tuple[int, dict[str, int | None]]]) -> list[dict]:
    """What the page makes of each case: the number of a route, and changed numbers by `hop/limit`."""
    program = "\n".join([*(script(name) for name in ("bound", "series", "budget", "model")), _DRIVER])
    done = subprocess.run(
        ["node", "--eval", program],
        input=json.dumps({"data": data, "cases": cases}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
