"""The page in Chromium: it draws, filters, explains and recomputes, and never asks anybody for anything."""

from collections.abc import Callable
from pathlib import Path

import hostile_tree
import pytest
from expectations import SAMPLES, Run
from pages import Page

Open = Callable[[str], Path]

READ_TIMEOUT = "timeout.read"


@pytest.fixture(autouse=True)
def _quiet(page: Page) -> None:
    """Whatever a test does: no error, no violation of the policy, and nothing asked for but the file."""
    yield
    assert page.complaints() == []
    assert {address.partition(":")[0] for address in page.requested()} <= {"file"}


def knob(page: Page, label: str) -> str:
    """The key of the first slider whose label begins with these words."""
    (found,) = [one for one in page.all(".knob") if one.text.startswith(label)][:1]
    return found.get_attribute("data-knob")


def answer(page: Page) -> str:
    return page.one(".try .answer").text.replace("\n", " ")


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()))
def test_every_sample_draws_every_route(name: str, page: Page, sample: Open) -> None:
    sample(name)
    page.js("document.querySelectorAll('details.route').forEach((one) => { one.open = true; })")
    page.settle()
    routes = page.all("details.route")
    assert len(routes) == len(page.all(".route .chart"))
    assert page.js("return document.querySelectorAll('.lane:not(.axis)').length") >= len(routes)
    # What is drawn agrees with what was written: the script changes no cell of the tables.
    for detail in routes:
        row = detail.find_element("css selector", ".verdict")
        said = detail.find_elements("css selector", ".try .answer .verdict")
        assert [one.text for one in said] in ([], [row.text])


def test_the_tables_stay_as_python_wrote_them(page: Page, sample: Open) -> None:
    file = sample("shop")
    cells = "return [...document.querySelectorAll('.joints td')].map((cell) => cell.textContent.trim())"
    page.js("document.querySelectorAll('details.route').forEach((one) => { one.open = true; })")
    page.settle()
    drawn = page.js(cells)
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.open(file)
        written = [one.get_attribute("textContent").strip() for one in page.all(".joints td")]
        assert page.shown(".route .row .name")
        assert not page.shown(".filters, .theme")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert drawn == written


def test_a_shorter_read_timeout_makes_the_demonstration_fit(page: Page, sample: Open) -> None:
    sample("llm-assistant")
    assert answer(page) == (
        "exceeds nginx assistant.example.com/ grants 30 s, 61.5 s may be needed, 31.5 s too long"
    )
    assert page.all(".cut")
    page.move(knob(page, READ_TIMEOUT), 9_000)
    assert answer(page).startswith(
        "fits nginx assistant.example.com/ grants 30 s, 28.5 s may be needed, 1.5 s to spare"
    )
    assert "in the files: exceeds" in answer(page)
    assert not page.all(".cut")
    assert [cell.text for cell in page.all(".joints tbody tr:nth-child(2) .num")] == [
        "30 s",
        "28.5 s",
        "+1.5 s",
    ]
    page.one(".try .reset").click()
    assert answer(page).startswith("exceeds")


def test_fewer_attempts_and_an_exact_number(page: Page, sample: Open) -> None:
    sample("llm-assistant")
    attempts = knob(page, "attempts api.openai.com")
    page.move(attempts, 1)
    assert answer(page).startswith("fits nginx assistant.example.com/ grants 30 s, 20 s may be needed")
    page.one(".try .reset").click()
    field = page.one(f".knob[data-knob='{knob(page, READ_TIMEOUT)}'] input[type=number]")
    field.clear()
    field.send_keys("9.5")
    assert "30 s may be needed, 0 s to spare" in answer(page)


def test_cannot_tell_until_the_unknown_number_is_given(page: Page, sample: Open) -> None:
    sample("unresolved-variable")
    assert answer(page).startswith("cannot tell aws_lb.search grants 1 s to 4000 s, 35 s may be needed")
    page.move(knob(page, READ_TIMEOUT), 1_000)
    assert answer(page).startswith("fits"), "it does not matter any more: 1 s fits into every possible value"
    page.one(".try .reset").click()
    page.move(knob(page, "idle_timeout"), 60_000)
    assert answer(page).startswith("fits")
    page.move(knob(page, "idle_timeout"), 30_000)
    assert answer(page).startswith("exceeds")


def test_filters_narrow_routes_and_findings(page: Page, sample: Open) -> None:
    sample("shop")

    def names() -> list[str]:
        return [one.text for one in page.shown(".route .row .name")]

    everything = names()
    assert everything == [
        f"shop.example.com/{path}" for path in ("export/", "checkout", "search", "products")
    ]
    page.one("#f-text").send_keys("checkout")
    assert names() == ["shop.example.com/checkout"]
    assert page.one("#routes-shown").text == "1 of 4"
    page.one("#f-clear").click()
    assert names() == everything

    page.one("#f-component").send_keys("httpx")
    assert names() == ["shop.example.com/checkout"]
    page.one("#f-clear").click()
    page.one("#f-severity").send_keys("error")
    assert names() == ["shop.example.com/checkout", "shop.example.com/search"]
    assert [one.text for one in page.shown(".finding .severity")] == ["error", "error"]
    page.one("#f-text").send_keys("nothing like it")
    assert names() == []
    assert page.shown("#routes-none")
    assert page.shown("#findings-none")


def test_environments_are_filtered(page: Page, sample: Open) -> None:
    sample("environments")
    page.one("#f-environment").send_keys("staging")
    (row,) = page.shown(".route .row:not(.head)")
    assert "staging" in row.text
    assert "exceeds" in row.text


def test_the_keyboard_alone_reaches_a_limit_and_its_explanation(page: Page, sample: Open) -> None:
    from selenium.webdriver import Keys

    sample("shop")
    target = "shop.example.com/search"
    page.press(Keys.TAB)
    assert page.focused().text == "Skip to the routes"
    page.press(Keys.ENTER)
    for _ in range(60):
        page.press(Keys.TAB)
        if page.focused().tag_name == "summary" and target in page.focused().text:
            break
    page.press(Keys.ENTER)
    page.settle()
    for _ in range(40):
        page.press(Keys.TAB)
        if (page.focused().get_attribute("aria-label") or "").startswith("proxy_read_timeout"):
            break
    tip = page.one("#tip")
    assert tip.is_displayed()
    assert tip.text.splitlines() == [
        "proxy_read_timeout 20 s",
        "to the header, then idle",
        "written at nginx/conf.d/shop.conf:27",
        "when it ends: 504",
    ]
    assert page.focused().get_attribute("aria-describedby") == "tip"
    page.press(Keys.ESCAPE)
    assert not tip.is_displayed()


def test_a_slider_is_moved_by_the_arrow_keys(page: Page, sample: Open) -> None:
    from selenium.webdriver import Keys

    sample("llm-assistant")
    slider = page.one(f".knob[data-knob='{knob(page, READ_TIMEOUT)}'] input[type=range]")
    slider.send_keys(Keys.HOME)
    assert slider.get_attribute("aria-valuetext") == "0 s"
    assert answer(page).startswith("fits")
    slider.send_keys(Keys.END)
    assert answer(page).startswith("exceeds")


def test_the_mouse_gets_the_same_explanation(page: Page, sample: Open) -> None:
    from selenium.webdriver import ActionChains

    sample("llm-assistant")
    bar = page.one(".bar[aria-label^='timeout.read']")
    page.js("arguments[0].scrollIntoView({block: 'center'})", bar)
    ActionChains(page.driver).move_to_element(bar).perform()
    assert page.one("#tip").text.startswith("timeout.read 20 s\nbetween two reads\nwritten at app.yaml:16")


def test_a_link_opens_the_route_and_the_manual(page: Page, sample: Open) -> None:
    sample("shop")
    page.js("arguments[0].click()", page.one(".finding .where a[href='#route-2']"))
    page.settle()
    assert page.js("return document.getElementById('route-2').open")
    page.js("arguments[0].click()", page.one(".finding a.rule"))
    page.settle()
    assert page.shown("[id^=rule-][open] pre")


def test_the_suppression_can_be_copied(page: Page, sample: Open) -> None:
    sample("llm-assistant")
    page.js("document.querySelector('.finding .fold').open = true")
    page.one(".copy-button").click()
    page.settle()
    assert page.one(".copy-button").text in ("Copied", "Selected")
    assert page.one(".copy code").text == "# budgetcheck: ignore[BC102] until=YYYY-MM-DD why this is accepted"


def paper(page: Page) -> str:
    return page.js("return getComputedStyle(document.documentElement).backgroundColor")


def test_light_and_dark_by_preference_and_by_choice(page: Page, sample: Open) -> None:
    page.media(prefers_color_scheme="light")
    sample("clean")
    light = paper(page)
    page.media(prefers_color_scheme="dark")
    dark = paper(page)
    assert dark != light
    page.one(".theme [data-theme=light]").click()
    assert paper(page) == light
    page.media(prefers_color_scheme="light")
    page.one(".theme [data-theme=dark]").click()
    assert paper(page) == dark
    page.one(".theme [data-theme=auto]").click()
    assert paper(page) == light


CONTRAST = """
const light = (rgb) => {
  const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 && n[3] === 0 ? null : n.slice(0, 3); };
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const found = parse(getComputedStyle(one).backgroundColor);
    if (found) return found;
  }
  return [255, 255, 255];
};
return [...document.querySelectorAll('body *')].filter((element) =>
  element.checkVisibility() && !element.closest('svg, .skip, .seg, #tip, option') &&
  [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
).map((element) => {
  const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
  return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), element.className || element.tagName];
}).filter(([ratio]) => ratio < 4.5).map(([ratio, name]) => `${name} ${ratio.toFixed(2)}`);
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_is_readable(scheme: str, page: Page, sample: Open) -> None:
    """WCAG 2.2 AA asks for a contrast of 4.5 (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""
    page.media(prefers_color_scheme=scheme)
    sample("shop")
    assert page.js(CONTRAST) == []


@pytest.mark.parametrize("width", [360, 680, 900, 1280])
def test_nothing_is_wider_than_the_window(width: int, page: Page, sample: Open) -> None:
    page.size(width, 800)
    sample("agent-service")
    page.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.settle()
    assert page.js("return document.documentElement.scrollWidth") <= width
    beyond = """return [...document.querySelectorAll('main *, .top *')].filter((one) =>
        one.checkVisibility() && !one.closest('.grid, .hide') && one.getBoundingClientRect().right > innerWidth + 1
    ).map((one) => one.className || one.tagName)"""
    assert page.js(beyond) == []


def test_print_leaves_out_what_paper_cannot_do(page: Page, sample: Open) -> None:
    page.media(prefers_color_scheme="dark")
    sample("llm-assistant")
    page.media(media="print", prefers_color_scheme="dark")
    assert paper(page) == "rgb(255, 255, 255)"
    assert not page.shown(".filters, .theme, .try, .copy-button")
    assert page.shown(".chart .seg")
    assert page.shown(".finding h3")


def test_what_is_hostile_does_nothing(page: Page, cli: Callable[..., Run], tmp_path: Path) -> None:
    folder = hostile_tree.write(tmp_path / "repository")
    file = tmp_path / "page.html"
    cli(folder, "--format", f"html={file}")
    page.open(file)
    page.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.settle()
    for bar in page.all("[data-tip]")[:20]:
        page.js("arguments[0].focus()", bar)
    words = page.js("return document.body.innerText")
    for piece in hostile_tree.PIECES:
        assert piece in words, piece
    assert page.js("return document.querySelectorAll('script').length") == 2
    assert (
        page.js("return document.querySelectorAll('img, iframe, object, embed, link, form, base').length")
        == 0
    )
    hosts = "return [...document.querySelectorAll('[href], [src]')].map((one) => one.getAttribute('href'))"
    assert all(address.startswith("#") for address in page.js(hosts))


def test_the_policy_forbids_whatever_might_be_injected(page: Page, sample: Open) -> None:
    """The last line of defence, tried by adding to the page what escaping would have stopped."""
    sample("llm-assistant")
    page.js(
        """
        const hurt = document.createElement('div');
        hurt.innerHTML = '<img src="https://evil.example/x" onerror="window.hurt = 1"><b style="color: red">x</b>';
        document.body.append(hurt);
        const code = document.createElement('script');
        code.textContent = 'window.hurt = 2';
        document.body.append(code);
        """
    )
    page.settle()
    assert page.js("return window.hurt === undefined")
    blocked = page.complaints()
    assert len(blocked) >= 3
    assert all("Content Security Policy" in message for message in blocked)
    page.requested()
