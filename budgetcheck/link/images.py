"""Whether a container can be what a file of this repository makes: its image against names and folders."""

import re
from functools import lru_cache
from pathlib import PurePosixPath

from budgetcheck.model.topology import Hop

_WORD = re.compile(r"[a-z0-9]+")
# Words of many images and folders: that both have one says something, that one lacks it does not.
_PLAIN = frozenset(
    _WORD.findall(
        "api app application apps aws backend build code container containers deploy deployment docker"
        " dockerfile image images infra main nginx packages prod production public server service services"
        " src web"
    )
)
# Servers among Docker's own images, https://hub.docker.com/u/library: nobody's code is in them.
_OFFICIAL = frozenset(
    _WORD.findall(
        "adminer caddy clickhouse couchdb elasticsearch ghost grafana haproxy httpd influxdb kibana kong"
        " logstash mariadb memcached mongo mysql nats neo4j nextcloud nginx phpmyadmin postgres rabbitmq"
        " redis registry solr telegraf tomcat traefik varnish vault wordpress zookeeper"
    )
)


def is_other_image(image: str, hop: Hop) -> bool:
    """The image is certainly not made from what the hop was read from.

    One of Docker's own (`redis`, `library/redis`) is not. Any other that says whose it is (`acme/orders`)
    is somebody else's where it has no word in common with the names and folders of the hop, and these say
    more than `docker` or `app`.
    """
    if not image or is_same_image(image, hop):
        return False
    if image.removeprefix("library/") in _OFFICIAL:
        return True
    return "/" in image and bool(_own(hop) - _PLAIN)


def is_same_image(image: str, hop: Hop) -> bool:
    """The image has a word in common with the names, the folders or the component of the hop."""
    return bool(_words(image) & (_own(hop) | _words(hop.component)))


def _own(hop: Hop) -> frozenset[str]:
    return _words_of(hop.span.file, hop.front.names)


@lru_cache(maxsize=1_024)
def _words_of(file: str, names: tuple[str, ...]) -> frozenset[str]:
    path = PurePosixPath(file)
    base = path.name if "dockerfile" in path.name.lower() else ""
    return frozenset(word for text in (*path.parts[:-1], base, *names) for word in _words(text))


@lru_cache(maxsize=1_024)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
