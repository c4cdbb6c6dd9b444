"""AWS RDS: the limits a database puts on statements, and those of the proxy in front of it.

No hop sends requests here: what calls a database is code. They are hops of their own, so that their values
are judged, and to be joined to the calls.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_parameter_group,
rds_cluster_parameter_group, db_proxy, db_proxy_default_target_group.
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.topology import Target
from budgetcheck.readers.terraform.catalogue.settings import setting, text
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at
from budgetcheck.readers.terraform.instances import Resource

_GROUP = "aws_db_parameter_group"
_PROXY = "aws_db_proxy"
_POOL = "aws_db_proxy_default_target_group"

TYPES = (_GROUP, "aws_rds_cluster_parameter_group", _PROXY, _POOL)

_POSTGRES = (
    "statement_timeout",
    "transaction_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
)
_MYSQL = ("max_execution_time", "innodb_lock_wait_timeout", "wait_timeout")


def declare_parameters(_stack: Stack, group: Resource) -> Iterator[Declaration]:
    """A parameter group that limits statements, locks or transactions; none for any other."""
    found = tuple(_limits(group))
    if found:
        yield Declaration(
            component=_GROUP,
            address=_stack.address(group),
            title=group.address,
            span=group.span,
            settings=found,
            traits=(("engine", _engine(group)),),
            targets=(Target(span=group.span, external=True),),
        )


def _limits(group: Resource) -> Iterator[Setting]:
    known = _MYSQL if _engine(group) == "mysql" else _POSTGRES
    for parameter in group.blocks("parameter"):
        name = text(parameter.value("name"))
        value = setting(parameter, "value", name=name) if name in known else None
        if value:
            yield replace(value, spans=(replace(value.spans[0], text=name), *value.spans[1:]))


def _engine(group: Resource) -> str:
    family = text(group.value("family"))
    return "mysql" if "mysql" in family or "mariadb" in family else "postgres"


def declare_proxy(stack: Stack, proxy: Resource) -> Iterator[Declaration]:
    """A proxy, with what its target group says of borrowing connections."""
    idle = setting(proxy, "idle_client_timeout")
    borrowed = [
        setting(config, "connection_borrow_timeout", label=f"{pool.address}.connection_borrow_timeout")
        for pool in stack.pointing_at(proxy, _POOL, "db_proxy_name")
        for config in items_at(pool, "connection_pool_config")
    ]
    yield Declaration(
        component=_PROXY,
        address=stack.address(proxy),
        title=proxy.address,
        span=proxy.span,
        settings=tuple(found for found in (idle, *borrowed) if found),
        targets=(Target(span=proxy.span, external=True),),
    )
