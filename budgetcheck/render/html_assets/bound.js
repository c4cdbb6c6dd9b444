// What is known of one number: a port of budgetcheck/model/bound.py, without the reasons.
// Numbers are non-negative integers or null for infinity. A bound is {low, high, choices}.
"use strict";

const Bounds = (() => {
  const MOST_CHOICES = 16;

  const lessOrEqual = (left, right) => right === null || (left !== null && left <= right);
  const bound = (low, high, choices = []) => ({ low, high, choices });
  const exactly = (value) => bound(value, value);
  const UNLIMITED = exactly(null);
  const ZERO = exactly(0);
  const ONE = exactly(1);
  const isExact = (b) => b.low === b.high;
  const valueOf = (b) => (isExact(b) ? b.low : null);
  const same = (a, b) => a.low === b.low && a.high === b.high && String(a.choices) === String(b.choices);
  const order = (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a - b);
  const distinct = (values) => [...new Set(values)].sort(order);

  // A number is itself, null is unlimited, everything else is [low, high] or [low, high, choices].
  const fromJson = (json) => (Array.isArray(json) ? bound(json[0], json[1], json[2] || []) : exactly(json));

  const smallest = (values) => {
    const finite = values.filter((value) => value !== null);
    return finite.length ? Math.min(...finite) : null;
  };
  const largest = (values) => (values.includes(null) ? null : Math.max(...values));
  const add = (left, right) => (left === null || right === null ? null : left + right);
  const multiply = (left, right) => {
    if (left === 0 || right === 0) return 0;
    return left === null || right === null ? null : left * right;
  };

  function oneOf(values) {
    const found = distinct(values);
    return found.length === 1 ? exactly(found[0]) : bound(found[0], found[found.length - 1], found);
  }

  function union(bounds) {
    const parts = bounds.filter((one, index) => bounds.findIndex((other) => same(one, other)) === index);
    if (parts.length === 1) return parts[0];
    if (parts.every((part) => isExact(part) || part.choices.length)) return oneOf(parts.flatMap(values));
    return bound(smallest(parts.map((part) => part.low)), largest(parts.map((part) => part.high)));
  }

  const values = (b) => (b.choices.length ? b.choices : isExact(b) ? [b.low] : []);

  // Every combination of one value per column; null where they are too many or a column has none.
  function combinations(bounds, most) {
    const columns = bounds.map(values);
    const count = columns.reduce((product, column) => product * column.length, 1);
    if (count < 1 || count > most) return null;
    return columns.reduce((rows, column) => rows.flatMap((row) => column.map((one) => [...row, one])), [[]]);
  }

  // Applies a function that is monotone in every argument.
  function lift(apply, ...bounds) {
    const low = apply(...bounds.map((b) => b.low));
    if (bounds.every(isExact)) return exactly(low);
    const high = apply(...bounds.map((b) => b.high));
    if (low === high) return exactly(low);
    const rows = combinations(bounds, MOST_CHOICES);
    return bound(low, high, rows ? distinct(rows.map((row) => apply(...row))) : []);
  }

  function minimum(...bounds) {
    const finite = bounds.filter((b) => b.low !== null);
    if (finite.length < 2) return finite.length ? finite[0] : bounds[0];
    return lift((...all) => smallest(all), ...finite);
  }

  const maximum = (...bounds) => lift((...all) => largest(all), ...bounds);
  const plus = (a, b) => lift(add, a, b);
  const times = (a, b) => lift(multiply, a, b);

  return {
    UNLIMITED, ZERO, ONE, bound, combinations, exactly, fromJson, isExact, largest, lessOrEqual, lift,
    maximum, minimum, oneOf, plus, same, smallest, times, union, valueOf,
  };
})();
