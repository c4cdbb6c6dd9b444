"""Base images that start a server by themselves: a Dockerfile without a command still serves."""

import re

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.texts import Text, literal

OFFICIAL = "PHP_INI_DIR"
"""A variable that the official PHP images set; their own pool has no limits, https://hub.docker.com/_/php."""

# The official images with PHP-FPM, and those that are built on them.
_PHP_FPM = re.compile(
    r"(?:docker\.io/)?(?:library/)?(?:php|wordpress|nextcloud|drupal|joomla|matomo|monica)"
    r":[\w.-]*fpm[\w.-]*(?:@.*)?"
)
_PHP_FPM_PORT = 9000


def is_php_fpm(base: str) -> bool:
    """An official image that starts PHP-FPM."""
    return bool(_PHP_FPM.fullmatch(base))


def command_of(base: str, span: Span) -> tuple[Arg, ...] | None:
    """What a base image starts where nothing else is said; None where that is not known."""
    return (Arg(text=literal("php-fpm"), span=span),) if is_php_fpm(base) else None


def environment_of(base: str) -> dict[str, Text]:
    """What a base image sets."""
    return {OFFICIAL: literal("/usr/local/etc/php")} if is_php_fpm(base) else {}


def ports_of_image(base: str) -> tuple[int, ...]:
    """What a base image exposes."""
    return (_PHP_FPM_PORT,) if is_php_fpm(base) else ()
