// The routes of the page as the arithmetic wants them, and changed copies of them.
"use strict";

const Model = (() => {
  const B = Bounds;

  function retryOf(json = {}) {
    const optional = (value) => (value === undefined ? null : B.fromJson(value));
    return {
      attempts: json.attempts === undefined ? B.ONE : B.fromJson(json.attempts),
      attempts_unsafe: json.attempts_unsafe === undefined ? B.ONE : B.fromJson(json.attempts_unsafe),
      answered: optional(json.answered),
      answered_unsafe: optional(json.answered_unsafe),
      repeats_status: json.repeats_status || false,
      backoff: json.backoff || { first: 0, factor: 2000, most: null, jitter: 0, least: 0 },
      setting: json.setting || "",
      origin: json.origin || "",
      shown: json.shown || "1",
    };
  }

  function limitOf(json) {
    return {
      ...json,
      bound: B.fromJson(json.bound),
      cap: json.cap === undefined ? null : json.cap,
      of_answer: json.of_answer !== false,
      gate: json.gate || "after-attempt",
    };
  }

  // Pieces of work name their parts by number, inner ones come first, and the last one is the whole.
  function workOf(nodes) {
    const found = [];
    for (const node of nodes) {
      const work = { ...node };
      if (node.parts) work.parts = node.parts.map((part) => found[part]);
      if (node.body !== undefined) work.body = found[node.body];
      if (node.times !== undefined) work.times = B.fromJson(node.times);
      found.push(work);
    }
    return found[found.length - 1];
  }

  // Route number `number` of the page's data, with its hops by their numbers.
  function route(data, number) {
    const json = data.routes[number];
    const wrappers = json.wrappers || [];
    const passes = json.passes || {};
    const hops = {};
    for (const index of [...json.chain, ...json.calls, ...wrappers, ...Object.values(passes).flat(2)]) {
      const hop = data.hops[index];
      const [before, after] = passes[index] || [[], []];
      hops[index] = {
        ...hop,
        index,
        limits: hop.limits.map(limitOf),
        retry: retryOf(hop.retry),
        traits: hop.traits || {},
        passes_before: before,
        passes_after: after,
        work: hop.layer === "handler" && json.work ? workOf(json.work) : null,
      };
    }
    return { hops, chain: json.chain, calls: json.calls, wrappers, methods: json.methods, streaming: json.streaming || false };
  }

  // The route with some numbers replaced: {"<hop>/<limit>": milliseconds, "<hop>/attempts": count}.
  function changed(route, changes) {
    const hops = { ...route.hops };
    for (const [key, value] of Object.entries(changes)) {
      const [index, place] = key.split("/");
      hops[index] = place === "attempts" ? withAttempts(hops[index], value) : withLimit(hops[index], Number(place), value);
    }
    return { ...route, hops };
  }

  function withLimit(hop, place, value) {
    const limits = hop.limits.map((limit, at) => (at === place ? { ...limit, bound: B.exactly(value) } : limit));
    return { ...hop, limits };
  }

  // Methods that are not repeated stay so; error answers are repeated no more often than timeouts.
  function withAttempts(hop, count) {
    const made = B.exactly(count);
    const { retry } = hop;
    const once = B.same(retry.attempts_unsafe, B.ONE) && !B.same(retry.attempts, B.ONE);
    const fewer = (answered) => (answered ? B.minimum(answered, made) : null);
    return {
      ...hop,
      retry: {
        ...retry,
        attempts: made,
        attempts_unsafe: once ? B.ONE : made,
        answered: fewer(retry.answered),
        answered_unsafe: fewer(retry.answered_unsafe),
      },
    };
  }

  return { changed, route };
})();
