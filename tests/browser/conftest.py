"""One browser for all tests of the page, and pages of samples as the command line writes them."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from expectations import Run

sys.path.append(str(Path(__file__).parent.parent / "render"))  # reports and a tree made by hand

from formats import copied_sample
from pages import Page, browser


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def page(chromium: Page) -> Page:
    """A page of ordinary size in an ordinary medium, with nothing remembered."""
    chromium.size(1280, 1000)
    chromium.media()
    return chromium


@pytest.fixture
def sample(page: Page, cli: Callable[..., Run], tmp_path: Path) -> Callable[..., Path]:
    """Writes the page of a sample and opens it."""

    def write(name: str) -> Path:
        folder = copied_sample(name, tmp_path)
        file = tmp_path / f"{name}.html"
        run = cli(folder, "--format", f"html={file}")
        assert (run.exit_code in (0, 1, 3), run.stderr) == (True, "")
        page.open(file)
        return file

    return write
