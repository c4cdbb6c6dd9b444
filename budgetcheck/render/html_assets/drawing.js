// The waterfall of one route: what every hop does while the dependency is silent, on one axis of time.
"use strict";

const Drawing = (() => {
  const B = Bounds;
  const MOST_SEGMENTS = 240;
  const MOST_PIECES = 20000; // pieces of work gone through for one drawing

  // ---- words

  function seconds(ms) {
    const text = (ms / 1000).toFixed(3);
    return text.replace(/\.?0+$/, "");
  }

  function duration(ms) {
    if (ms === null) return "no limit";
    if (ms > 0 && ms < 1000) return `${ms} ms`;
    if (ms > 7200000 && ms % 1800000 === 0) return `${ms / 3600000} h`;
    return `${seconds(ms)} s`;
  }

  function shown(bound, endless = "no limit") {
    if (B.isExact(bound)) return bound.low === null ? endless : duration(bound.low);
    if (bound.choices.length) return bound.choices.map(duration).join(" or ");
    if (bound.high === null) return bound.low ? `at least ${duration(bound.low)}` : "unknown";
    return `${duration(bound.low)} to ${duration(bound.high)}`;
  }

  function counted(bound) {
    const count = (value) => (value === null ? "endless" : String(value));
    if (B.isExact(bound)) return count(bound.low);
    if (bound.choices.length) return bound.choices.map(count).join(" or ");
    return bound.high === null ? `at least ${bound.low}` : `${bound.low} to ${bound.high}`;
  }

  function slack(ms) {
    if (ms === null) return "–";
    return `${ms < 0 ? "−" : ms ? "+" : "±"}${duration(Math.abs(ms))}`;
  }

  const WORDS = { exceeds: "exceeds", fits: "fits", "cannot-tell": "cannot tell", "not-compared": "not compared" };

  // ---- layout: lanes with segments of time, without any element

  // A bound as a length to draw: where it ends, and what its end is.
  function length(bound) {
    if (bound.low === null) return { ms: null, end: "endless" };
    if (bound.high === null) return { ms: bound.low || null, end: "unknown" };
    return { ms: bound.high, end: B.isExact(bound) ? "" : "unknown" };
  }

  function slowest(found, index) {
    return found.classes.reduce((most, methods) => {
      const order = Budget.byOrder(found.costs[methods].get(index).worst.hang, found.costs[most].get(index).worst.hang);
      return order > 0 ? methods : most;
    }, found.classes[0]);
  }

  // The outer hop that gives up first although what is behind it is not done.
  function cutOf(route, found) {
    const broken = found.joints.filter((joint) => joint.verdict === "exceeds" && B.valueOf(joint.granted) !== null);
    if (!broken.length) return null;
    const joint = broken.reduce((first, one) => (one.granted.low < first.granted.low ? one : first));
    const behind = route.chain.slice(route.chain.indexOf(joint.outer)).map((index) => route.hops[index]);
    const notices = behind.slice(1).every(stopsAtOnce);
    const goesOn = !notices && (behind.some((hop) => hop.goes_on) || !behind.some((hop) => hop.layer === "server"));
    return { at: joint.granted.low, hop: joint.outer, limit: joint.limit, goesOn };
  }

  function lanes(route, found) {
    const cut = cutOf(route, found);
    const methods = slowest(found, route.chain[0]);
    const costs = found.costs[methods];
    const drawn = route.chain.map((index, at) => chainLane(route, route.chain, at, costs, methods));
    const inner = new Map([...route.wrappers, ...route.calls].map((index) => [index, []]));
    inner.left = MOST_PIECES;
    const handler = route.chain.map((index) => route.hops[index]).find((hop) => hop.layer === "handler");
    if (handler && handler.work) run(route, handler.work, 0, ownEnd(handler), methods, inner);
    const first = ([, segments]) => (segments.length ? segments[0].start : 0);
    for (const [index, segments] of [...inner].sort((a, b) => first(a) - first(b))) {
      const hop = route.hops[index];
      if (hop.layer === "wrapper" && !hop.limits.length && B.same(hop.retry.attempts, B.ONE)) continue;
      const cost = costs.get(index);
      drawn.push({ hop, inside: Boolean(handler), segments, hang: cost ? cost.worst.hang : null, attempts: cost ? cost.worst.attempts : hop.retry.attempts });
    }
    return { cut, drawn };
  }

  function chainLane(route, chain, at, costs, methods) {
    const hop = route.hops[chain[at]];
    const { worst } = costs.get(chain[at]);
    const behind = at + 1 < chain.length ? costs.get(chain[at + 1]).worst : null;
    const whole = length(worst.hang);
    const own = hop.layer === "handler" ? B.ONE : Budget.worstCase(hop, behind, methods).attempts;
    const made = own.high === null ? own.low || 1 : own.high;
    const each = length(Budget.oneAttempt(hop, behind));
    const passive = made === 1 && !hop.limits.some(Budget.waits);
    const segments = [];
    if (made === 1 || each.ms === null) segments.push({ start: 0, stop: whole.ms, end: whole.end, passive });
    else repeat(made, each, hop.retry.backoff, 0, null, segments);
    return { hop, segments, hang: worst.hang, attempts: worst.attempts, inside: false };
  }

  function repeat(made, each, backoff, from, end, segments) {
    for (let number = 0; number < Math.min(made, MOST_SEGMENTS); number += 1) {
      const start = from + number * each.ms + Series.pauses(backoff, number);
      if (end !== null && start >= end) return;
      const stop = end === null ? start + each.ms : Math.min(start + each.ms, end);
      segments.push({ start, stop, end: each.end, number: made > 1 ? number + 1 : 0 });
    }
  }

  const ownEnd = (hop) => {
    const totals = hop.limits.filter((limit) => limit.of_answer && limit.meaning === "TOTAL").map(Budget.effective);
    return totals.length ? B.minimum(...totals).high : null;
  };

  // Goes through a piece of work from `start`, not beyond `end`, and notes when calls and wrappers are busy.
  // Returns when it is over; null where it never is.
  function run(route, work, start, end, methods, into) {
    into.left -= 1;
    if (into.left < 0) return start;
    if (end !== null && start >= end) return end;
    if (work.call !== undefined) return runCall(route, work.call, start, end, methods, into);
    if (work.kind === "sequence") {
      return work.parts.reduce((now, part) => (now === null ? null : run(route, part, now, end, methods, into)), start);
    }
    if (work.parts) {
      const ends = work.parts.map((part) => run(route, part, start, end, methods, into));
      return ends.length ? B.largest(ends) : start;
    }
    if (work.kind === "loop") return runTimes(route, work.times, work.body, start, end, methods, into);
    const wrapper = route.hops[work.wrapper];
    if (!wrapper) return run(route, work.body, start, end, methods, into);
    if (Budget.isLoop(wrapper)) return runTimes(route, Budget.rounds(wrapper), work.body, start, end, methods, into);
    return runWrapped(route, wrapper, work.body, start, end, methods, into);
  }

  function runTimes(route, times, body, start, end, methods, into) {
    const count = times.high === null ? Math.max(times.low || 0, 20) : times.high;
    let now = start;
    for (let round = 0; round < Math.min(count, MOST_SEGMENTS) && now !== null; round += 1) {
      now = run(route, body, now, end, methods, into);
    }
    return now;
  }

  function runCall(route, index, start, end, methods, into) {
    const hop = route.hops[index];
    const segments = into.get(index);
    if (!hop || !segments) return start;
    const worst = Budget.worstCase(hop, null, methods);
    const each = length(Budget.oneAttempt(hop, null));
    const made = worst.attempts.high === null ? worst.attempts.low || 1 : worst.attempts.high;
    const whole = length(worst.hang);
    const over = whole.ms === null ? end : end === null ? start + whole.ms : Math.min(start + whole.ms, end);
    if (segments.length < MOST_SEGMENTS) {
      if (each.ms === null) segments.push({ start, stop: end, end: end === null ? each.end : "" });
      else repeat(made, each, hop.retry.backoff, start, over, segments);
    }
    return over;
  }

  function runWrapped(route, wrapper, body, start, end, methods, into) {
    const total = Budget.totalOf(wrapper);
    const limit = total ? Budget.effective(total).high : null;
    const stop = B.smallest([end, limit === null ? null : start + limit]);
    const segments = into.get(wrapper.index) || [];
    let now = run(route, body, start, stop, methods, into);
    const busy = now === null ? null : now - start;
    segments.push({ start, stop: now, end: now === null ? "endless" : "", number: 0 });
    if (busy === null) return null;
    const made = Budget.around(wrapper, { hang: B.exactly(busy), attempts: B.ONE }).attempts;
    const count = made.high === null ? made.low || 1 : made.high;
    if (count > 1) segments[segments.length - 1].number = 1;
    for (let number = 1; number < Math.min(count, MOST_SEGMENTS); number += 1) {
      const from = start + number * busy + Series.pauses(wrapper.retry.backoff, number);
      if (stop !== null && from >= stop) return stop;
      now = run(route, body, from, stop, methods, into);
      segments.push({ start: from, stop: now, end: "", number: number + 1 });
      if (now === null) return null;
    }
    return now;
  }

  // ---- elements

  function make(name, classes = "", text = "") {
    const element = document.createElement(name);
    if (classes) element.className = classes;
    if (text) element.textContent = text;
    return element;
  }

  function scaleOf(drawn, found, cut) {
    const ends = drawn.flatMap((lane) => lane.segments.map((one) => (one.stop === null ? one.start : one.stop)));
    const busy = Math.max(0, ...ends, cut ? cut.at : 0);
    const grants = found.joints.map((joint) => joint.granted.high).filter((ms) => ms !== null && ms <= 1.5 * Math.max(busy, 20000));
    const open = drawn.some((lane) => lane.segments.some((one) => one.stop === null || one.end));
    return Math.max(1000, ...grants, busy * (open ? 1.25 : 1)) * 1.03;
  }

  const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

  function ticks(most, room) {
    const step = (STEPS.find((one) => most / (one * 1000) <= room) || most / room / 1000) * 1000;
    return Array.from({ length: Math.floor(most / step) + 1 }, (_, number) => Math.round(number * step));
  }

  function draw(route, found, width) {
    const { cut, drawn } = lanes(route, found);
    const most = scaleOf(drawn, found, cut);
    const at = (ms) => `${Math.min(100, (ms / most) * 100)}%`;
    const marks = ticks(most, width < 560 ? 4 : 8);
    const track = width < 560 ? width : width - 212;
    const chart = make("div", "chart");
    chart.append(make("h4", "", "While the last dependency stays silent"), make("p", "gist", gist(route, found, cut)));
    chart.append(axis(route, marks, cut, at, most));
    const outer = cut ? route.chain.indexOf(cut.hop) : -1;
    drawn.forEach((lane, number) => {
      const behind = cut && (lane.inside || number > outer) ? cut : null;
      chart.append(laneElement(lane, behind, cut, marks, at, most, track));
    });
    chart.append(legend(cut));
    return chart;
  }

  function gist(route, found, cut) {
    if (cut) {
      const hop = route.hops[cut.hop];
      const joint = found.joints.find((one) => one.outer === cut.hop);
      const over = joint.slack === null ? "without end" : `for ${duration(-joint.slack)} more`;
      const sees = cut.limit.symptom ? `, and the caller gets ${cut.limit.symptom}` : "";
      const then = cut.goesOn ? `The work behind it goes on ${over}.` : "What stands behind it is cut off before it can answer.";
      return `${hop.name} gives up after ${duration(cut.at)}${sees}. ${then}`;
    }
    const doubtful = found.joints.find((joint) => joint.verdict === "cannot-tell");
    if (doubtful) return `Whether ${route.hops[doubtful.outer].name} waits long enough cannot be told from these numbers.`;
    return found.joints.length ? "Every hop on the way waits until the one behind it is done." : "Nothing on this route was compared.";
  }

  function axis(route, marks, cut, at, most) {
    const lane = make("div", "lane axis");
    const track = make("div", "track");
    for (const ms of marks) {
      const tick = make("span", "tick", ms ? `${seconds(ms)} s` : "0");
      tick.style.left = at(ms);
      track.append(tick);
    }
    if (cut) {
      const side = cut.at < most * 0.2 ? " start" : cut.at > most * 0.8 ? " end" : "";
      const flag = make("span", `flag${side}`, `${route.hops[cut.hop].component} gives up at ${duration(cut.at)}`);
      flag.style.left = at(cut.at);
      track.append(flag, cutLine(cut, at));
    }
    lane.append(make("div", "label", "time since the request"), track);
    return lane;
  }

  function cutLine(cut, at) {
    const line = make("div", "cut");
    line.style.left = at(cut.at);
    return line;
  }

  function laneElement(lane, behind, cut, marks, at, most, width) {
    const element = make("div", `lane${lane.inside ? " inside" : ""}`);
    const label = make("div", "label");
    label.append(make("b", "", lane.hop.name), make("span", "takes", takes(lane)));
    const track = make("div", "track");
    for (const ms of marks) {
      const line = make("div", "gridline");
      line.style.left = at(ms);
      track.append(line);
    }
    track.append(waitsRow(lane, behind, at, most));
    lane.hop.limits.forEach((limit, place) => {
      if (Budget.waits(limit) || limit.meaning === "VISIBILITY" || limit.meaning === "START_GATE") {
        track.append(limitBar(lane, limit, place, cut, at, most, width));
      }
    });
    if (cut) track.append(cutLine(cut, at));
    element.append(label, track);
    return element;
  }

  function takes(lane) {
    const attempts = lane.attempts && !B.same(lane.attempts, B.ONE) ? ` in ${counted(lane.attempts)} attempts` : "";
    if (!lane.hang) return B.same(lane.attempts, B.ONE) ? "" : `${counted(lane.attempts)} attempts`;
    const range = B.isExact(lane.hang) ? `up to ${shown(lane.hang)}` : `takes ${shown(lane.hang)}`;
    return `${lane.hang.low === null ? "waits for ever" : range.replace("takes unknown", "takes nobody knows how long")}${attempts}`;
  }

  function waitsRow(lane, behind, at, most) {
    const row = make("div", "waits");
    row.tabIndex = 0;
    row.setAttribute("role", "img");
    const said = [`${lane.hop.name}: ${takes(lane)}`];
    const retry = lane.hop.retry;
    if (retry.setting) said.push(`attempts: ${retry.setting}, ${retry.origin}`);
    if (behind && lane.segments.some((one) => one.stop === null || one.stop > behind.at)) {
      said.push(behind.goesOn && !stopsAtOnce(lane.hop) ? `after ${duration(behind.at)} nobody waits for it any more` : `ends when its caller leaves at ${duration(behind.at)}`);
    }
    const late = behind ? lane.segments.filter((one) => one.start >= behind.at && one.number).length : 0;
    if (late) said.push(`${late} of its attempts start after that`);
    row.setAttribute("aria-label", said.join("; "));
    row.dataset.tip = JSON.stringify([said[0], ...said.slice(1)]);
    let before = null;
    for (const one of lane.segments) {
      if (before !== null && one.start > before && one.number > 1) row.append(pauseLine(before, one.start, at));
      before = one.stop;
      for (const part of split(one, behind, lane.hop)) row.append(segment(part, at, most));
    }
    const last = lane.segments[lane.segments.length - 1];
    if (last && (last.stop === null || last.end)) row.append(openEnd(last, at, most));
    return row;
  }

  const stopsAtOnce = (hop) => hop.layer === "proxy" || hop.layer === "balancer";

  // A segment in the parts before and after the caller left.
  function split(one, behind, hop) {
    if (!behind || (one.stop !== null && one.stop <= behind.at)) return [one];
    const kind = behind.goesOn && !stopsAtOnce(hop) ? "orphan" : "gone";
    if (one.start >= behind.at) return [{ ...one, kind }];
    return [{ ...one, stop: behind.at }, { ...one, start: behind.at, kind, number: 0 }];
  }

  function segment(one, at, most) {
    const stop = one.stop === null ? most * 0.97 : one.stop;
    const element = make("span", `seg${one.passive ? " passive" : ""}${one.kind ? ` ${one.kind}` : ""}`);
    if (one.number && (stop - one.start) / most > 0.03) element.textContent = String(one.number);
    element.style.left = at(one.start);
    element.style.width = at(Math.max(0, stop - one.start));
    return element;
  }

  function pauseLine(from, to, at) {
    const line = make("span", "pause");
    line.style.left = at(from);
    line.style.width = at(to - from);
    return line;
  }

  function openEnd(one, at, most) {
    const sign = make("span", "end", one.end === "unknown" ? "?" : "→");
    sign.style.left = at(one.stop === null ? most * 0.97 : one.stop);
    return sign;
  }

  function limitBar(lane, limit, place, cut, at, most, width) {
    const bound = Budget.effective(limit);
    const { ms, end } = length(bound);
    const from = lane.segments.length ? lane.segments[0].start : 0;
    const stop = ms === null ? most : Math.min(from + ms, most);
    const beyond = ms === null || from + ms > most;
    const decides = cut && cut.hop === lane.hop.index && cut.limit.setting === limit.setting;
    const bar = make("span", `bar${beyond ? " open" : ""}${end === "unknown" ? " unsure" : ""}${decides ? " deciding" : ""}`);
    const fill = make("span", "fill");
    fill.style.left = at(from);
    fill.style.width = at(stop - from);
    const value = shown(bound);
    const mark = end === "endless" ? " →" : end === "unknown" ? " ?" : beyond ? " →" : "";
    const text = make("span", "text", limit.setting);
    text.append(make("i", "", `${value}${mark}`));
    const room = ((stop - from) / most) * width;
    const needs = (limit.setting.length + value.length + 3) * 7;
    const after = !beyond && needs > room && (1 - stop / most) * width > needs;
    const before = !after && from > most * 0.6;
    if (before) text.classList.add("left");
    text.style.left = at(after || before ? stop : from);
    bar.append(fill, text);
    bar.tabIndex = 0;
    bar.setAttribute("role", "img");
    const said = [`${limit.setting} ${value}`, limit.means, limit.origin + (limit.place ? ` at ${limit.place}` : "")];
    if (limit.cap_shown) said.push(limit.cap_shown);
    if (limit.symptom) said.push(`when it ends: ${limit.symptom}`);
    bar.setAttribute("aria-label", said.join(", "));
    bar.dataset.tip = JSON.stringify(said);
    bar.dataset.limit = `${lane.hop.index}/${place}`;
    return bar;
  }

  function legend(cut) {
    const list = make("ul", "legend");
    const add = (classes, text) => {
      const item = make("li");
      item.append(make("span", `swatch ${classes}`), make("span", "", text));
      list.append(item);
    };
    add("seg", "waiting, one block for each attempt");
    add("limit", "a limit");
    if (cut) add("line", "the caller gives up");
    if (cut && cut.goesOn) add("seg orphan", "work nobody waits for any more");
    return list;
  }

  return { WORDS, counted, draw, duration, make, seconds, shown, slack };
})();
