// What if this number were another: a slider for each limit and count, and what becomes of the verdict.
"use strict";

const WhatIf = (() => {
  const B = Bounds;
  const { make, duration, seconds } = Drawing;

  // The numbers of a route that somebody can change and that the verdict may depend on.
  function knobs(route) {
    const found = [];
    for (const index of [...route.chain, ...route.wrappers, ...route.calls]) {
      const hop = route.hops[index];
      hop.limits.forEach((limit, place) => {
        const counts = Budget.waits(limit) || limit.meaning === "START_GATE" || limit.meaning === "VISIBILITY";
        if (counts && !limit.fixed) found.push({ key: `${index}/${place}`, hop, limit, bound: limit.bound });
      });
      const { retry } = hop;
      if (hop.layer === "call" || !B.same(retry.attempts, B.ONE)) {
        found.push({ key: `${index}/attempts`, hop, attempts: true, bound: retry.attempts });
      }
    }
    return found;
  }

  // Whether another value would change any comparison of the route.
  function matters(route, found, knob) {
    const outcome = (assessed) => JSON.stringify(assessed.joints.map(({ granted, needed }) => [granted, needed]));
    const tried = knob.attempts ? [1, 2, 3] : [1, start(knob) / 2, start(knob) * 2].map(Math.ceil);
    return tried.some((value) => outcome(Budget.assess(Model.changed(route, { [knob.key]: value }))) !== outcome(found));
  }

  // Where a slider starts: the number, or the end of what is known that is finite.
  function start(knob) {
    const { low, high } = knob.bound;
    return low !== null && low > 0 ? low : high !== null ? high : knob.attempts ? 10 : 60000;
  }

  function range(knob, needed) {
    if (knob.attempts) return { max: Math.max(10, 2 * start(knob)), step: 1 };
    const vague = B.valueOf(knob.bound) === null;
    const wide = Math.max(3 * start(knob), vague ? needed * 3 : Math.min(needed * 1.3, 10 * start(knob)));
    const step = [100, 500, 1000, 5000, 60000].find((one) => wide / one <= 400) || 3600000;
    return { max: Math.ceil(wide / (10 * step)) * 10 * step, step };
  }

  // `changed` is called with all changes, {"<hop>/<limit>": milliseconds}.
  function panel(route, found, id, changed) {
    const changes = {};
    const box = make("section", "try");
    const title = make("h4", "", "What if");
    const answer = make("div", "answer");
    title.id = `${id}-try`;
    box.setAttribute("aria-labelledby", title.id);
    answer.setAttribute("role", "status");
    const reset = make("button", "reset", "Back to the files");
    reset.type = "button";
    const needed = Math.max(0, ...found.joints.map((joint) => joint.needed.high || joint.needed.low || 0));
    const rows = knobs(route).map((knob, number) => ({
      matters: matters(route, found, knob),
      ...row(knob, `${id}-k${number}`, needed, (value) => {
        if (value === null) delete changes[knob.key];
        else changes[knob.key] = value;
        update();
      }),
    }));
    const update = () => {
      reset.hidden = !Object.keys(changes).length;
      answer.replaceChildren(...verdict(route, found, changed({ ...changes }), !reset.hidden));
    };
    reset.addEventListener("click", () => {
      rows.forEach((one) => one.reset());
      Object.keys(changes).forEach((key) => delete changes[key]);
      update();
    });
    const elements = (wanted) => rows.filter((one) => one.matters === wanted).map((one) => one.element);
    box.append(title, answer, ...elements(true));
    if (elements(false).length) box.append(fold("Numbers that change nothing by themselves", elements(false)));
    box.append(reset);
    update();
    return rows.length ? box : null;
  }

  function fold(title, elements) {
    const details = make("details", "fold");
    details.append(make("summary", "", title), ...elements);
    return details;
  }

  function row(knob, id, needed, moved) {
    const { max, step } = range(knob, needed);
    const element = make("div", "knob");
    element.dataset.knob = knob.key;
    const label = make("label", "", knob.attempts ? "attempts" : knob.limit.setting);
    label.append(make("span", "quiet", ` ${knob.hop.name}`));
    label.htmlFor = `${id}-range`;
    const slider = input("range", id, { min: knob.attempts ? 1 : 0, max, step });
    const exact = input("number", `${id}-exact`, { min: knob.attempts ? 1 : 0, step: "any" });
    exact.setAttribute("aria-label", `${label.textContent}, ${knob.attempts ? "count" : "seconds"}`);
    const files = knob.attempts ? Drawing.counted(knob.bound) : Drawing.shown(knob.bound);
    exact.placeholder = B.isExact(knob.bound) ? files : "?";
    const unit = make("span", "exact");
    unit.append(exact, make("span", "", knob.attempts ? "×" : "s"));
    const text = (value) => (knob.attempts ? String(value) : duration(value));
    const was = make("span", "was");
    const show = (value) => {
      slider.value = String(value);
      slider.setAttribute("aria-valuetext", text(value));
    };
    const set = (value) => {
      const same = value === B.valueOf(knob.bound);
      element.classList.toggle("moved", !same);
      was.textContent = same ? "" : `in the files ${files}`;
      moved(same ? null : value);
    };
    const initial = () => {
      show(start(knob));
      exact.value = B.valueOf(knob.bound) === null ? "" : knob.attempts ? knob.bound.low : seconds(knob.bound.low);
      element.classList.remove("moved");
      was.textContent = B.valueOf(knob.bound) === null ? `in the files ${files}` : "";
    };
    slider.addEventListener("input", () => {
      const value = Number(slider.value);
      exact.value = knob.attempts ? value : seconds(value);
      show(value);
      set(value);
    });
    exact.addEventListener("input", () => {
      const value = Math.round(Number(exact.value) * (knob.attempts ? 1 : 1000));
      if (exact.value === "" || !Number.isSafeInteger(value) || value < Number(slider.min)) return;
      show(value);
      set(value);
    });
    initial();
    element.append(label, slider, unit, was);
    return { element, reset: initial };
  }

  function input(type, id, attributes) {
    const element = document.createElement("input");
    element.type = type;
    element.id = type === "range" ? `${id}-range` : id;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    return element;
  }

  // The verdict in words, with the comparison that makes it.
  function verdict(route, before, now, touched) {
    const badge = make("span", `verdict is-${now.verdict}`, Drawing.WORDS[now.verdict]);
    const parts = [badge, make("span", "", because(route, now))];
    if (touched) {
      parts.push(make("span", "files", `in the files: ${Drawing.WORDS[before.verdict]}`));
    }
    return parts;
  }

  function because(route, now) {
    const order = ["exceeds", "cannot-tell", "fits"];
    const rank = (joint) => [order.indexOf(joint.verdict), joint.slack === null ? 0 : 1, joint.slack || 0];
    const worse = (a, b) => rank(a).map((part, at) => part - rank(b)[at]).find((part) => part !== 0) || 0;
    const joint = [...now.joints].sort(worse)[0];
    if (!joint) return "Nothing on this route is compared.";
    const hop = route.hops[joint.outer].name;
    const tail = joint.slack === null ? "" : joint.slack < 0 ? `, ${duration(-joint.slack)} too long` : `, ${duration(joint.slack)} to spare`;
    return `${hop} grants ${Drawing.shown(joint.granted)}, ${Drawing.shown(joint.needed, "an endless wait")} may be needed${tail}`;
  }

  return { panel };
})();
