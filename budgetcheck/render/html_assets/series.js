// Attempts one after the other: a port of budgetcheck/series.py and of the pauses in model/limits.py.
"use strict";

const Series = (() => {
  const B = Bounds;
  const MOST_COMBINATIONS = 64;
  const MOST_ATTEMPTS = 1000;

  const NO_BACKOFF = { first: 0, factor: 2000, most: null, jitter: 0, least: 0 };

  function steady(backoff, retry) {
    let pause = backoff.first;
    for (let step = 1; step < retry; step += 1) {
      if (backoff.most !== null && pause >= backoff.most) break;
      pause = Math.floor((pause * backoff.factor) / 1000);
    }
    if (backoff.most !== null) pause = Math.min(pause, backoff.most);
    return Math.max(pause, backoff.least);
  }

  function pauseBefore(backoff, retry) {
    if (backoff.skip_first && retry === 1) return 0;
    const pause = steady(backoff, retry) + backoff.jitter;
    return backoff.cap_jitter && backoff.most !== null ? Math.min(pause, backoff.most) : pause;
  }

  function shortestPause(backoff, retry) {
    if (backoff.random || (backoff.skip_first && retry === 1)) return backoff.least;
    return Math.min(steady(backoff, retry), pauseBefore(backoff, retry));
  }

  const pauseless = (backoff) => backoff.unknown || (!backoff.first && !backoff.jitter && !backoff.least);

  function pauses(backoff, retries) {
    if (pauseless(backoff) || retries < 1) return 0;
    let sum = 0;
    for (let retry = 1; retry <= Math.min(retries, MOST_ATTEMPTS); retry += 1) sum += pauseBefore(backoff, retry);
    const beyond = retries - MOST_ATTEMPTS;
    return beyond > 0 ? sum + beyond * pauseBefore(backoff, MOST_ATTEMPTS) : sum;
  }

  const mayAnswer = (inner, wait) => B.lessOrEqual(inner.low, wait.high);
  const mayTimeOut = (inner, wait) => !B.lessOrEqual(inner.high, wait.low);

  // Milliseconds until the hop answers or gives up.
  function total(inner, wait, tries) {
    if (!tries.backoff.unknown) return knownTotal(inner, wait, tries);
    const without = knownTotal(inner, wait, { ...tries, backoff: NO_BACKOFF });
    if (B.same(waited(inner, wait, tries), B.ONE) || without.high === null) return without;
    return B.bound(without.low, null);
  }

  function knownTotal(inner, wait, tries) {
    const exact = each(0, inner, wait, tries);
    if (exact) return exact;
    const parts = [];
    const attempt = B.minimum(inner, wait);
    if (mayAnswer(inner, wait)) {
      parts.push(B.same(tries.answered, B.ONE) ? attempt : repeated(attempt, tries.answered, tries));
    }
    if (mayTimeOut(inner, wait)) {
      parts.push(repeated(B.bound(wait.low, attempt.high), tries.attempts, tries));
    }
    return B.union(parts);
  }

  // Attempts that are started, the first included.
  function started(inner, wait, tries) {
    const exact = each(1, inner, wait, tries);
    if (exact) return exact;
    const made = waited(inner, wait, tries);
    return tries.gate.low === null ? made : B.bound(1, made.high);
  }

  function waited(inner, wait, tries) {
    const made = [];
    if (mayAnswer(inner, wait)) made.push(tries.answered);
    if (mayTimeOut(inner, wait)) made.push(tries.attempts);
    const attempt = B.minimum(inner, wait);
    if (attempt.high === null) return attempt.low === null ? B.ONE : B.union([B.ONE, ...made]);
    return B.union(made);
  }

  function each(part, inner, wait, tries) {
    const rows = B.combinations([inner, wait, tries.attempts, tries.answered, tries.gate], MOST_COMBINATIONS);
    if (!rows) return null;
    const outcomes = rows.map(([i, w, attempts, answered, gate]) =>
      run(i, w, B.lessOrEqual(i, w) ? answered : attempts, gate, tries));
    return B.oneOf(outcomes.map((outcome) => outcome[part]));
  }

  // [milliseconds, attempts] for concrete numbers.
  function run(inner, wait, attempts, gate, tries) {
    const attempt = B.smallest([inner, wait]);
    if (attempt === null) return [null, 1];
    if (gate !== null) return gated(attempt, attempts, gate, tries);
    if (attempts === null) return [attempt || pauseBefore(tries.backoff, 2) ? null : 0, null];
    return [attempt * attempts + pauses(tries.backoff, attempts - 1), attempts];
  }

  function gated(attempt, attempts, gate, tries) {
    let [early, late, latest, made] = [0, 0, 0, 1];
    while ((attempts === null || made < attempts) && made < MOST_ATTEMPTS) {
      const following = nextStarts(early, late, attempt, made, gate, tries);
      if (!following) break;
      [early, late] = following;
      latest = Math.max(latest, late);
      made += 1;
    }
    return [latest + attempt, made];
  }

  function nextStarts(early, late, attempt, made, gate, tries) {
    const short = shortestPause(tries.backoff, made);
    const long = pauseBefore(tries.backoff, made);
    const [first, last] = [early + attempt, late + attempt];
    if (tries.asked === "with-pause") {
      return first + short >= gate ? null : [first + short, Math.min(last + long, gate)];
    }
    if (tries.asked === "last-start") {
      if (early >= gate) return null;
      const latest = Math.min(late, gate);
      return [attempt + Math.min(early + short, gate), attempt + Math.min(latest + long, gate)];
    }
    return first >= gate ? null : [first + short, Math.min(last, gate) + long];
  }

  function repeated(attempt, attempts, tries) {
    let low = inSeries(attempt.low, attempts.low, tries.backoff);
    let high = inSeries(attempt.high, attempts.high, tries.backoff);
    if (tries.gate.low === null) return B.bound(low, high);
    low = B.smallest([low, B.largest([tries.gate.low, attempt.low])]);
    if (tries.asked === "with-pause") low = B.smallest([low, attempt.low]);
    if (tries.gate.high !== null && attempt.high !== null) {
      const beyond = beyondGate(attempt.high, attempts, tries);
      high = B.smallest([high, beyond === null ? null : tries.gate.high + beyond]);
    }
    return B.bound(low, high);
  }

  function beyondGate(attempt, attempts, tries) {
    if (tries.asked === "with-pause") return attempt;
    if (tries.asked === "last-start") return 2 * attempt;
    const pause = longestPause(attempts, tries.backoff);
    return pause === null ? null : pause + attempt;
  }

  function inSeries(attempt, attempts, backoff) {
    if (attempt === null) return null;
    if (attempts === null) return attempt || pauseBefore(backoff, 2) ? null : 0;
    return attempt * attempts + pauses(backoff, attempts - 1);
  }

  function longestPause(attempts, backoff) {
    if (attempts.high !== null) return pauseBefore(backoff, attempts.high);
    return backoff.most === null && backoff.first ? null : pauseBefore(backoff, MOST_ATTEMPTS);
  }

  return { pauses, started, total };
})();
