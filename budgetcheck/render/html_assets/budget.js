// What a route needs and grants: a port of budgetcheck/budget.py, costs.py and assess.py.
// Only the silent-dependency case is here: it alone gives the verdict.
"use strict";

const Budget = (() => {
  const B = Bounds;
  const WAITING = ["PER_ATTEMPT", "FIRST_BYTE", "HEADER_TOTAL_BODY_IDLE", "IDLE", "TOTAL"];
  const REARMED = ["IDLE", "HEADER_TOTAL_BODY_IDLE"];
  const UNSAFE_METHODS = ["POST", "PATCH", "LOCK"];
  const MOST_STARTS = 1000;
  const SAFE = "idempotent";
  const UNSAFE = "non_idempotent";

  const waits = (limit) => limit.of_answer && WAITING.includes(limit.meaning);
  const effective = (limit) => (limit.cap === null ? limit.bound : B.minimum(limit.bound, B.exactly(limit.cap)));
  const bounds = (hop, wanted) => hop.limits.filter(wanted).map(effective);
  const tightest = (found) => (found.length ? B.minimum(...found) : B.UNLIMITED);
  const patience = (hop) => tightest(bounds(hop, waits));
  const overall = (hop) => tightest(bounds(hop, (limit) => limit.of_answer && limit.meaning === "TOTAL"));
  const limitOf = (hop, meaning) => hop.limits.find((limit) => limit.meaning === meaning) || null;

  function methodClasses(methods) {
    const upper = methods.map((method) => method.toUpperCase());
    const found = [];
    if (!upper.length || upper.some((method) => !UNSAFE_METHODS.includes(method))) found.push(SAFE);
    if (!upper.length || upper.some((method) => UNSAFE_METHODS.includes(method))) found.push(UNSAFE);
    return found;
  }

  // Orders bounds by what is certain first; null counts as infinity.
  function byOrder(a, b) {
    const key = (one) => [one.low === null, one.low || 0, one.high === null, one.high || 0].map(Number);
    const [left, right] = [key(a), key(b)];
    const index = left.findIndex((part, position) => part !== right[position]);
    return index < 0 ? 0 : left[index] - right[index];
  }

  function grant(hop, streaming) {
    const found = hop.limits.filter((one) => waits(one) && !(streaming && REARMED.includes(one.meaning)));
    return found.reduce((best, one) => (best && byOrder(effective(best), effective(one)) <= 0 ? best : one), null);
  }

  function triesOf(hop, methods) {
    const retry = hop.retry;
    const gate = limitOf(hop, "START_GATE");
    const attempts = methods === UNSAFE ? retry.attempts_unsafe : retry.attempts;
    const answered = methods === UNSAFE ? retry.answered_unsafe : retry.answered;
    return {
      attempts,
      answered: answered || (retry.repeats_status ? attempts : B.ONE),
      gate: gate ? gate.bound : B.UNLIMITED,
      asked: gate ? gate.gate : "after-attempt",
      backoff: retry.backoff,
    };
  }

  function silent(hop) {
    const passesOn = !hop.limits.some(waits) && ["platform", "balancer"].includes(hop.layer);
    const runs = ["server", "handler"].includes(hop.layer) && patience(hop).high === null;
    return { hang: passesOn || runs ? B.bound(0, null) : B.UNLIMITED, attempts: B.ONE };
  }

  function worstCase(hop, inner, methods) {
    const behind = inner || silent(hop);
    const tries = triesOf(hop, methods);
    const wait = patience(hop);
    return {
      hang: B.minimum(Series.total(behind.hang, wait, tries), overall(hop)),
      attempts: Series.started(behind.hang, wait, tries),
    };
  }

  const oneAttempt = (hop, inner) => B.minimum((inner || silent(hop)).hang, patience(hop));

  function added(...parts) {
    return parts.reduce((sum, part) => ({
      hang: B.plus(sum.hang, part.hang),
      attempts: B.plus(sum.attempts, part.attempts),
    }));
  }

  const either = (first, second) => ({
    hang: B.union([first.hang, second.hang]),
    attempts: B.union([first.attempts, second.attempts]),
  });

  function compare(granted, needed) {
    if (B.lessOrEqual(needed.high, granted.low)) return "fits";
    return B.lessOrEqual(needed.low, granted.high) ? "cannot-tell" : "exceeds";
  }

  // ---- outbound calls and what stands round them (costs.py)

  const cannotCancel = (wrapper) => wrapper.traits.enforced === "no";
  const totalOf = (wrapper) => (cannotCancel(wrapper) ? null : limitOf(wrapper, "TOTAL"));
  const isLoop = (wrapper) => wrapper.traits.kind === "loop";

  function around(wrapper, inner) {
    const limits = wrapper.limits.filter((limit) => !(cannotCancel(wrapper) && limit.meaning === "TOTAL"));
    const retry = { ...wrapper.retry, answered: wrapper.retry.attempts, answered_unsafe: wrapper.retry.attempts_unsafe };
    const own = worstCase({ ...wrapper, limits, retry }, inner, SAFE);
    return { hang: own.hang, attempts: B.times(own.attempts, inner.attempts) };
  }

  function rounds(wrapper) {
    const steps = Number(wrapper.traits.steps_per_round) || 1;
    const beside = Number(wrapper.traits.steps_beside) || 0;
    const count = (n) => (n === null ? null : Math.floor(Math.max(n - beside, 0) / steps));
    return B.lift(count, wrapper.retry.attempts);
  }

  function makerOfCall(call, layers, methods) {
    const own = call.traits.method ? methodClasses([call.traits.method])[0] : methods;
    let worst = worstCase(call, null, own);
    let starts = ownStarts(call, worst, oneAttempt(call, null));
    for (const layer of layers) {
      const wider = around(layer, worst);
      starts = laterStarts(layer, worst, wider, starts);
      worst = starts ? { hang: wider.hang, attempts: B.exactly(starts.length) } : wider;
    }
    return { hop: call, worst };
  }

  function ownStarts(call, worst, attempt) {
    const made = B.valueOf(worst.attempts);
    const each = B.valueOf(attempt);
    const vague = call.retry.backoff.unknown || (each === null && (made || 0) > 1);
    if (made === null || made > MOST_STARTS || vague) return null;
    return Array.from({ length: made }, (_, number) => number * (each || 0) + Series.pauses(call.retry.backoff, number));
  }

  function laterStarts(layer, inner, whole, starts) {
    const made = B.valueOf(around(layer, { ...inner, attempts: B.ONE }).attempts);
    const each = B.valueOf(inner.hang);
    const vague = layer.retry.backoff.unknown || (each === null && (made || 0) > 1);
    if (!starts || made === null || made * starts.length > MOST_STARTS || (vague && made > 1)) return null;
    const end = totalOf(layer) ? B.valueOf(whole.hang) : null;
    return Array.from({ length: made }, (_, number) => number * (each || 0) + Series.pauses(layer.retry.backoff, number))
      .flatMap((later) => starts.map((start) => later + start))
      .filter((start) => end === null || start < end);
  }

  // Every call of a piece of work with the wrappers round it, innermost first.
  function placed(work, layers = []) {
    if (!work) return [];
    if (work.call !== undefined) return [[work.call, layers]];
    if (work.parts) return work.parts.flatMap((part) => placed(part, layers));
    return placed(work.body, work.wrapper === undefined ? layers : [work.wrapper, ...layers]);
  }

  function callCosts(route, work, methods) {
    const layers = new Map();
    for (const [call, found] of placed(work)) if (!layers.has(call)) layers.set(call, found);
    const costs = new Map();
    for (const index of route.calls) {
      const round = (layers.get(index) || []).map((layer) => route.hops[layer]).filter((hop) => hop && !isLoop(hop));
      const maker = makerOfCall(route.hops[index], round, methods);
      costs.set(index, { worst: maker.worst, makers: [maker] });
    }
    return costs;
  }

  // The need of a piece of work, and the calls that make it: {worst, makers}. What occurs twice is added up once.
  function workCost(handler, work, costs, route, methods) {
    const known = new Map();
    const cost = (part) => {
      if (!known.has(part)) known.set(part, costOfPiece(handler, part, cost, costs, route, methods));
      return known.get(part);
    };
    return cost(work);
  }

  function costOfPiece(handler, work, cost, costs, route, methods) {
    if (work.call !== undefined) {
      const known = costs.get(work.call);
      if (!known) return { worst: { hang: B.ZERO, attempts: B.ONE }, makers: [] };
      return { worst: makerOfCall(route.hops[work.call], [], methods).worst, makers: known.makers };
    }
    if (work.kind === "sequence") return partsCost(work.parts, cost, B.plus);
    if (work.kind === "parallel") return partsCost(work.parts, cost, B.maximum);
    if (work.kind === "choice") {
      const { worst, makers } = partsCost(work.parts, cost, B.maximum);
      const most = work.parts.map((part) => cost(part).worst.attempts);
      return { worst: { hang: worst.hang, attempts: most.length ? B.maximum(...most) : B.ONE }, makers };
    }
    if (work.kind === "loop") return timesCost(work.times, cost(work.body));
    const wrapper = route.hops[work.wrapper];
    const once = cost(work.body);
    if (!wrapper) return once;
    if (isLoop(wrapper)) return timesCost(rounds(wrapper), once);
    return wrappedCost(handler, wrapper, once);
  }

  function partsCost(parts, cost, together) {
    const makers = new Map();
    let [hang, attempts] = [B.ZERO, B.ZERO];
    for (const part of parts) {
      const found = cost(part);
      hang = together(hang, found.worst.hang);
      attempts = B.plus(attempts, found.worst.attempts);
      for (const maker of found.makers) makers.set(maker.hop, maker);
    }
    return { worst: { hang, attempts: parts.length ? attempts : B.ONE }, makers: [...makers.values()] };
  }

  const timesCost = (count, once) => ({
    worst: { hang: B.times(count, once.worst.hang), attempts: B.times(count, once.worst.attempts) },
    makers: once.makers,
  });

  function wrappedCost(handler, wrapper, once) {
    const worst = around(wrapper, once.worst);
    const total = totalOf(wrapper);
    const ends = total && B.same(worst.hang, effective(total)) && !B.same(worst.hang, once.worst.hang);
    if (once.makers.length > 1 && ends) return { worst, makers: [{ hop: handler, worst }] };
    return { worst, makers: once.makers };
  }

  function handlerCost(handler, costs, route, methods) {
    if (!handler.work) {
      const worst = worstCase(handler, null, SAFE);
      return { worst, makers: [{ hop: handler, worst }] };
    }
    const { worst, makers } = workCost(handler, handler.work, costs, route, methods);
    const capped = worstCase(handler, worst, SAFE);
    if (!B.same(capped.hang, worst.hang) || !makers.length) {
      return { worst: capped, makers: [{ hop: handler, worst: capped }] };
    }
    const single = makers.length === 1 && B.same(makers[0].worst.hang, capped.hang);
    return { worst: { hang: capped.hang, attempts: single ? makers[0].worst.attempts : worst.attempts }, makers };
  }

  // ---- the chain (assess.py)

  function passBefore(hop, hops) {
    const after = hop.passes_after.map((index) => worstCase(hops[index], null, SAFE));
    return added(worstCase(hop, null, SAFE), ...after);
  }

  function passesAfter(hop, hops, methods) {
    if (hop.traits.fallbacks === "idempotent" && methods === UNSAFE) return [];
    let method = methods;
    return hop.passes_after.map((index) => {
      const fallback = hops[index];
      if (!(fallback.traits.location || "").startsWith("@")) method = SAFE;
      const before = fallback.passes_before.map((one) => passBefore(hops[one], hops));
      return added(worstCase(fallback, null, method), ...before);
    });
  }

  // Load balancers that carry connections and answer nothing: a request takes what they lead to.
  const CARRIERS = ["network", "gateway"];
  const AT_ONCE = { hang: B.ZERO, attempts: B.ONE };

  function chainCost(hop, inner, methods, hops) {
    let worst = worstCase(hop, inner && inner.worst, methods);
    if (!inner && CARRIERS.includes(hop.traits.load_balancer_type)) worst = either(AT_ONCE, worst);
    const inTime = inner ? compare(patience(hop), inner.worst.hang) : "exceeds";
    const intercepts = hop.traits.intercept_errors === "on";
    const before = hop.passes_before.map((index) => passBefore(hops[index], hops));
    const after = inTime === "fits" && !intercepts ? [] : passesAfter(hop, hops, methods);
    if (inner && B.same(worst.hang, inner.worst.hang) && !before.length && !after.length) {
      return { worst, makers: inner.makers };
    }
    const answered = added(worst, ...before);
    worst = added(worst, ...before, ...after);
    if (inTime === "cannot-tell" && !intercepts) worst = either(answered, worst);
    return { worst, makers: [{ hop, worst }] };
  }

  function costsOf(route, methods) {
    const handler = route.chain.find((index) => route.hops[index].layer === "handler");
    const costs = callCosts(route, handler === undefined ? null : route.hops[handler].work, methods);
    let inner = null;
    for (const index of [...route.chain].reverse()) {
      const hop = route.hops[index];
      inner = hop.layer === "handler"
        ? handlerCost(hop, costs, route, methods)
        : chainCost(hop, inner, methods, route.hops);
      costs.set(index, inner);
      if (hop.left_to_server) inner = null; // as if it were not given
    }
    return costs;
  }

  function granting(hop, streaming) {
    const found = grant(hop, streaming);
    return found === null && hop.layer === "queue" ? limitOf(hop, "VISIBILITY") : found;
  }

  const worstOf = (found) => ["exceeds", "cannot-tell", "fits"].find((verdict) => found.includes(verdict));

  function jointOf(outer, inner, limit, costs, classes) {
    const granted = effective(limit);
    const needs = classes.map((methods) => costs[methods].get(inner).worst.hang);
    const needed = needs.reduce((most, one) => (byOrder(most, one) >= 0 ? most : one));
    const [have, want] = [B.valueOf(granted), B.valueOf(needed)];
    return {
      outer, inner, limit, granted, needed,
      verdict: worstOf(needs.map((need) => compare(granted, need))),
      slack: have === null || want === null ? null : have - want,
    };
  }

  // `route` has `hops` (by index, bounds parsed), `chain`, `calls`, `methods` and `streaming`.
  function assess(route) {
    const classes = methodClasses(route.methods);
    const costs = Object.fromEntries(classes.map((methods) => [methods, costsOf(route, methods)]));
    const joints = [];
    for (let at = 0; at + 1 < route.chain.length; at += 1) {
      const [outer, inner] = [route.chain[at], route.chain[at + 1]];
      const hop = route.hops[outer];
      const limit = granting(hop, route.streaming);
      if (limit === null || effective(limit).low === null || hop.layer === "handler") continue;
      if (route.hops[inner].left_to_server) continue;
      joints.push(jointOf(outer, inner, limit, costs, classes));
    }
    const slacks = joints.map((joint) => joint.slack).filter((slack) => slack !== null);
    return {
      classes, costs, joints,
      verdict: worstOf(joints.map((joint) => joint.verdict)) || "not-compared",
      slack: slacks.length ? Math.min(...slacks) : null,
    };
  }

  return { assess, around, byOrder, effective, isLoop, oneAttempt, patience, rounds, totalOf, waits, worstCase };
})();
