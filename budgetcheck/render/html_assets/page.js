// The page itself: theme, filters, details that are drawn when they are opened, tooltips, copying.
"use strict";

(() => {
  const { make } = Drawing;
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

  // ---- theme

  function remembered() {
    try {
      return localStorage.getItem("budgetcheck-theme") || "auto";
    } catch {
      return "auto"; // storage may be forbidden for files
    }
  }

  function paint(theme) {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const button of all(".theme button")) button.setAttribute("aria-pressed", String(button.dataset.theme === theme));
    try {
      localStorage.setItem("budgetcheck-theme", theme);
    } catch {
      // it holds until the page is closed
    }
  }

  all(".theme button").forEach((button) => button.addEventListener("click", () => paint(button.dataset.theme)));
  paint(["light", "dark"].includes(remembered()) ? remembered() : "auto");

  // ---- routes

  const data = JSON.parse(byId("data").textContent);

  function opened(detail) {
    const live = detail.querySelector(".live");
    if (!live || live.childElementCount) return;
    const route = Model.route(data, Number(detail.dataset.route));
    const found = Budget.assess(route);
    const holder = make("div");
    const redraw = (changes) => {
      const changed = Model.changed(route, changes);
      const now = Budget.assess(changed);
      holder.replaceChildren(Drawing.draw(changed, now, holder.clientWidth || live.clientWidth));
      joints(detail, now);
      return now;
    };
    live.append(holder);
    const panel = WhatIf.panel(route, found, detail.id, redraw);
    if (panel) live.append(panel);
    else redraw({});
  }

  // The table of comparisons, kept in step with the sliders. A limit that comes or goes moves no other row.
  function joints(detail, now) {
    const rows = all(".joints tbody tr", detail);
    if (rows.length !== now.joints.length) return;
    now.joints.forEach((joint, number) => {
      const [badge, , , granted, needed, slack] = rows[number].children;
      const mark = make("span", `verdict is-${joint.verdict}`, Drawing.WORDS[joint.verdict]);
      badge.replaceChildren(mark);
      granted.textContent = Drawing.shown(joint.granted);
      needed.textContent = Drawing.shown(joint.needed, "no end");
      slack.textContent = Drawing.slack(joint.slack);
    });
  }

  const details = all("details.route");
  details.forEach((detail) => detail.addEventListener("toggle", () => detail.open && opened(detail)));

  function follow() {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden) clear();
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView();
    const summary = target.querySelector("summary");
    if (summary && target.tagName === "DETAILS") summary.focus({ preventScroll: true });
  }

  // ---- filters

  const fields = ["text", "severity", "component", "environment"].map((name) => byId(`f-${name}`));
  const [text, severity, component, environment] = fields;
  const texts = new WeakMap();

  function textOf(element) {
    if (!texts.has(element)) {
      const shown = element.matches(".route") ? element.querySelector(".row") : element;
      texts.set(element, shown.textContent.toLowerCase());
    }
    return texts.get(element);
  }

  const has = (list, wanted) => ` ${list} `.includes(` ${wanted} `);

  function matches(element, wanted) {
    const { severity: severities, components, environment: environments } = element.dataset;
    return (
      (!wanted.severity || has(severities, wanted.severity)) &&
      (!wanted.component || has(components, wanted.component)) &&
      (!wanted.environment || !environments.trim() || has(environments, wanted.environment)) &&
      wanted.words.every((word) => textOf(element).includes(word))
    );
  }

  function filter() {
    const wanted = {
      words: text.value.toLowerCase().split(/\s+/).filter(Boolean),
      severity: severity.value,
      component: component.value,
      environment: environment ? environment.value : "",
    };
    const active = wanted.words.length > 0 || [wanted.severity, wanted.component, wanted.environment].some(Boolean);
    show("routes", all(".route"), wanted, active);
    show("findings", all(".finding"), wanted, active);
  }

  function show(name, elements, wanted, active) {
    let left = 0;
    for (const element of elements) {
      const kept = !active || matches(element, wanted);
      if (element.hidden === kept) element.hidden = !kept;
      left += kept ? 1 : 0;
    }
    const shown = byId(`${name}-shown`);
    if (!shown.dataset.all) shown.dataset.all = shown.textContent;
    shown.textContent = active ? `${left} of ${shown.dataset.all}` : shown.dataset.all;
    const none = byId(`${name}-none`);
    if (none) none.hidden = !elements.length || left > 0;
  }

  function clear() {
    fields.filter(Boolean).forEach((field) => { field.value = ""; });
    filter();
  }

  fields.filter(Boolean).forEach((field) => field.addEventListener("input", filter));
  byId("f-clear").addEventListener("click", clear);

  // ---- tooltips: the same for the mouse and the keyboard

  const tip = byId("tip");
  let owner = null;

  function showTip(target) {
    if (!target) return hideTip();
    if (target === owner) return undefined;
    hideTip();
    owner = target;
    const [first, ...rest] = JSON.parse(target.dataset.tip);
    tip.replaceChildren(make("b", "", first), ...rest.map((line) => make("span", "", line)));
    tip.hidden = false;
    target.setAttribute("aria-describedby", "tip");
    const place = (target.querySelector(".fill") || target).getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const left = Math.max(12, Math.min(place.left, innerWidth - size.width - 12));
    const above = place.top - size.height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 4 ? above : place.bottom + 8}px`;
    return undefined;
  }

  function hideTip() {
    tip.hidden = true;
    if (owner) owner.removeAttribute("aria-describedby");
    owner = null;
  }

  const tipped = (event) => (event.target instanceof Element ? event.target.closest("[data-tip]") : null);
  document.addEventListener("focusin", (event) => showTip(tipped(event)));
  document.addEventListener("mouseover", (event) => showTip(tipped(event)));
  document.addEventListener("scroll", hideTip, { passive: true });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());

  // ---- copying

  async function copy(button) {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code); // files may not reach the clipboard everywhere
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  for (const button of all(".copy-button")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }

  all(".theme, .filters").forEach((element) => { element.hidden = false; });
  if (details.length && details[0].querySelector(".is-exceeds, .is-cannot-tell")) details[0].open = true;
  addEventListener("hashchange", follow);
  if (location.hash) follow();
})();
