"""The pictures show what the report says: the same numbers, and nothing a page must not load."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from expectations import ROOT, SAMPLES
from pictures import drawn, pictures
from svg import DARK, LIGHT
from terminal import terminal
from timeline import Timeline, timeline
from waterfall import gist, waterfall

from budgetcheck.model.report import RouteReport, Verdict
from budgetcheck.model.topology import method_classes
from budgetcheck.run import run


def drawable() -> Iterator[tuple[RouteReport, Timeline]]:
    """All routes of all samples that have exact numbers, with their timelines."""
    for sample in sorted(path for path in SAMPLES.iterdir() if path.is_dir()):
        for item in run([sample], cwd=sample).routes:
            try:
                yield item, timeline(item)
            except ValueError:
                continue


ROUTES = list(drawable())
each_route = pytest.mark.parametrize(
    ("item", "lanes"), ROUTES, ids=[f"{item.route.name}-{number}" for number, (item, _) in enumerate(ROUTES)]
)


def test_most_routes_of_the_samples_can_be_drawn() -> None:
    assert len(ROUTES) >= 20
    assert sum(lanes.cut is not None for _, lanes in ROUTES) >= 5


@each_route
def test_every_hop_is_busy_as_long_as_the_report_says(item: RouteReport, lanes: Timeline) -> None:
    classes = method_classes(item.route.methods)
    for part, lane in zip(item.hops, lanes.lanes, strict=True):
        if lane.inside or not lane.segments:
            continue
        longest = max(part.worst_case[methods].hang.value or 0 for methods in classes)
        assert max(segment.stop for segment in lane.segments) <= longest
        assert min(segment.start for segment in lane.segments) == 0


@each_route
def test_a_handler_is_busy_until_its_last_call_ends(item: RouteReport, lanes: Timeline) -> None:
    handler = item.route.handler
    calls = [lane for lane in lanes.lanes if lane.inside and lane.segments]
    if handler is None or not calls:
        return
    own = next(lane for lane, hop in zip(lanes.lanes, item.route.hops, strict=True) if hop is handler)
    assert max(one.stop for lane in calls for one in lane.segments) == max(one.stop for one in own.segments)


@each_route
def test_a_broken_route_is_cut_and_no_other(item: RouteReport, lanes: Timeline) -> None:
    assert (lanes.cut is not None) == (item.verdict is Verdict.EXCEEDS)
    orphans = [one for lane in lanes.lanes for one in lane.segments if one.orphan]
    assert bool(orphans) == (lanes.cut is not None)
    assert all(one.start >= lanes.cut.at for one in orphans if lanes.cut)


def test_the_demonstration_shows_the_numbers_of_its_finding() -> None:
    """At 30 s the caller gets 504; the handler works on for 31.5 s and starts up to 1 more attempt."""
    lanes = drawn("llm-assistant", "assistant.example.com/chat")
    assert gist(lanes) == (
        "nginx answers 504 after 30 s. The handler works on for 31.5 s and starts 1 more attempt, for nobody."
    )
    openai = lanes.lanes[-1]
    tries = [(one.start, one.number) for one in openai.segments if one.number]
    assert tries == [(0, 1), (20_500, 2), (41_500, 3)]
    assert max(one.stop for one in openai.segments) == 61_500
    assert openai.tries == "3 attempts: openai default max_retries=2"


def test_a_repaired_system_has_no_cut() -> None:
    lanes = drawn("llm-assistant-fixed", "assistant.example.com/chat")
    assert lanes.cut is None
    assert gist(lanes) == "Every hop waits until the one behind it is done."


def test_calls_one_after_the_other_stand_one_after_the_other() -> None:
    first, search = drawn("agent-service", "POST /v1/chat").lanes[-2:]
    assert (search.segments[0].start, search.segments[-1].stop) == (31_500, 59_500)
    assert [one.start for one in first.segments if one.number] == [0, 10_500, 21_500, 59_500, 70_000, 81_000]


def test_attempts_of_a_decorator_are_numbered() -> None:
    *_, search = drawn("agent-service", "POST /v1/chat").lanes
    assert [one.number for one in search.segments] == [1, 2, 3]
    assert search.tries == "3 attempts: tenacity stop_after_attempt (tools.py:9)"


@each_route
def test_words_are_inside_the_picture_and_not_on_one_another(item: RouteReport, lanes: Timeline) -> None:
    boxes = list(words_of(waterfall(lanes, item.route.name, LIGHT)))
    assert [words for words, (left, _, right, _) in boxes if left < 0 or right > 960] == []
    for at, (words, one) in enumerate(boxes):
        on_it = [others for others, other in boxes[at + 1 :] if overlap(one, other)]
        assert on_it == [], words


def words_of(picture: str) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Words and their box: left, top, right, bottom, in a font of common width."""
    for one in ElementTree.fromstring(picture).findall("{*}text"):
        size, x, y = (float(one.attrib[name]) for name in ("font-size", "x", "y"))
        width = len(one.text or "") * size * (0.6 if "font-weight" in one.attrib else 0.52)
        left = x - {"middle": width / 2, "end": width}.get(one.attrib.get("text-anchor", ""), 0)
        yield one.text or "", (left, y - 0.75 * size, left + width, y + 0.2 * size)


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("name", pictures())
def test_a_picture_is_plain_svg_that_loads_nothing(name: str) -> None:
    text = (ROOT / "docs" / "images" / name).read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "title", "defs", "pattern", "rect", "line", "path", "circle", "text"}
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"
    assert root.find("{*}title") is not None


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_words_are_legible_on_their_ground(colours) -> None:
    """The contrast that WCAG 2.2 asks of text: 4.5 to 1."""
    pairs = [
        (colours.ink, colours.card),
        (colours.soft, colours.card),
        (colours.bad, colours.card),
        (colours.limit, colours.card),
        (colours.on_busy, colours.busy),
        (colours.on_bad, colours.bad),
    ]
    assert [(words, ground) for words, ground in pairs if contrast(words, ground) < 4.5] == []


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_terminal_shows_every_word_in_its_column() -> None:
    picture = terminal("budgetcheck", "\x1b[1;31merror\x1b[0m BC102   <b>&\n  30 s", "a run")
    found = ElementTree.fromstring(picture).findall("{*}text")
    words = [(one.text, one.attrib["x"]) for one in found[1:]]
    assert [text for text, _ in words] == ["$", "budgetcheck", "error", "BC102", "<b>&", "30 s"]
    assert found[3].attrib["fill"] != found[4].attrib["fill"]
    columns = [round((float(x) - 22) / 8.8) for _, x in words]
    assert columns == [0, 2, 0, 6, 14, 2]


def test_a_line_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        terminal("budgetcheck", "x" * 130, "a run")


def test_both_palettes_draw_the_same() -> None:
    lanes = drawn("llm-assistant", "assistant.example.com/chat")
    light, dark = (re.sub(r"#[0-9a-f]{6}", "", waterfall(lanes, "x", one)) for one in (LIGHT, DARK))
    assert light == dark
