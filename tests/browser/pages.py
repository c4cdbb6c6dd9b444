"""A page in the real Chromium: opened from a file, driven, and watched for what it must not do."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def missing(what: str) -> None:
    """Skips for want of a component; fails where everything is required."""
    if os.environ.get("BUDGETCHECK_REQUIRE_LAB") == "1":
        pytest.fail(f"{what}, and BUDGETCHECK_REQUIRE_LAB=1 demands it")
    pytest.skip(what)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a browser."""

    driver: Any

    def open(self, file: Path, fragment: str = "") -> None:
        self.requested()
        self.complaints()
        self.driver.get(f"{file.as_uri()}{fragment}")

    def js(self, script: str, *arguments: object) -> Any:
        """What a piece of script returns; the page's own policy does not apply to the debugger."""
        return self.driver.execute_script(script, *arguments)

    def size(self, width: int, height: int) -> None:
        values = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", values)

    def media(self, **features: str) -> None:
        """`prefers_color_scheme="dark"`; `media="print"` is another medium."""
        medium = features.pop("media", "")
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": listed})

    def settle(self) -> None:
        """Waits until what was opened is drawn: such events come a little later."""
        self.js("return new Promise((done) => setTimeout(() => requestAnimationFrame(done), 60))")

    def complaints(self) -> list[str]:
        """What the console has said since the last time: errors of scripts, violations of the policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self) -> list[str]:
        """Addresses asked for since the last time."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        sent = (one["params"] for one in messages if one["method"] == "Network.requestWillBeSent")
        return [one["request"]["url"] for one in sent]

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def shown(self, selector: str) -> list[Any]:
        return [element for element in self.all(selector) if element.is_displayed()]

    def move(self, knob: str, value: int) -> None:
        """Moves a slider as a hand would: the value, then the event."""
        self.js(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            self.one(f".knob[data-knob='{knob}'] input[type=range]"),
            value,
        )

    def press(self, *keys: str) -> None:
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self) -> Any:
        return self.driver.switch_to.active_element


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A browser with a profile of its own; a skip where there is none."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        missing("chromium is not installed (Debian: chromium and chromium-driver)")
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        missing("selenium is not installed (the extra `lab`)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Page(chrome)
    finally:
        chrome.quit()
