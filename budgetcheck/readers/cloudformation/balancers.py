"""AWS::ElasticLoadBalancingV2 and AWS::ElasticLoadBalancing: attributes are lists of keys and values there.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElasticLoadBalancingV2.html.
"""

from collections.abc import Iterator

from budgetcheck.readers.cloudformation.bodies import Body, Made, contents, entry, known_text, place_of
from budgetcheck.readers.cloudformation.gateways import reference
from budgetcheck.readers.cloudformation.shapes import Shape, shaped
from budgetcheck.readers.cloudformation.template import Source
from budgetcheck.readers.terraform.values import ListValue, Unknown, Value, via

_BALANCER = {"idle_timeout": "idle_timeout.timeout_seconds", "client_keep_alive": "client_keep_alive.seconds"}
_GROUP = {"deregistration_delay": "deregistration_delay.timeout_seconds"}
_LISTENER = {"tcp_idle_timeout_seconds": "tcp.idle_timeout.seconds"}

_CLASSIC_LISTENER = {
    "instance_port": "InstancePort",
    "instance_protocol": "InstanceProtocol",
    "lb_protocol": "Protocol",
}
_ACTION = Shape(
    attributes={"type": "Type", "target_group_arn": "TargetGroupArn"},
    blocks={
        "forward": (
            "ForwardConfig",
            Shape(blocks={"target_group": ("TargetGroups", Shape(attributes={"arn": "TargetGroupArn"}))}),
        )
    },
)
_CONDITION = Shape(
    attributes={"field": "Field", "values": "Values"},
    blocks={
        "host_header": ("HostHeaderConfig", Shape(attributes={"values": "Values"})),
        "path_pattern": ("PathPatternConfig", Shape(attributes={"values": "Values"})),
    },
)


def balancer(source: Source) -> Iterator[Made]:
    """An application, network or gateway load balancer."""
    shape = Shape(attributes={"load_balancer_type": "Type", "name": "Name"})
    body = shaped(source.properties, shape, source.span)
    body = _with(body, entry(source.properties, "LoadBalancerAttributes"), _BALANCER)
    yield Made(type="aws_lb", address=source.address, name=source.name, body=body)


def listener(source: Source) -> Iterator[Made]:
    """A listener with its default actions."""
    shape = Shape(
        attributes={"load_balancer_arn": "LoadBalancerArn", "protocol": "Protocol", "port": "Port"},
        blocks={"default_action": ("DefaultActions", _ACTION)},
    )
    body = shaped(source.properties, shape, source.span)
    body = _with(body, entry(source.properties, "ListenerAttributes"), _LISTENER)
    yield Made(type="aws_lb_listener", address=source.address, name=source.name, body=body)


def rule(source: Source) -> Iterator[Made]:
    """A rule of a listener. A host in the old form of a condition is one in the new form."""
    shape = Shape(
        attributes={"listener_arn": "ListenerArn"},
        blocks={"action": ("Actions", _ACTION), "condition": ("Conditions", _CONDITION)},
    )
    body = shaped(source.properties, shape, source.span)
    conditions = tuple(_condition(one) for one in body.blocks.get("condition", ()))
    body = body.with_blocks(condition=conditions) if conditions else body
    yield Made(type="aws_lb_listener_rule", address=source.address, name=source.name, body=body)


def _condition(body: Body) -> Body:
    field, values = known_text(body.attributes.get("field")), body.attributes.get("values")
    if field == "host-header" and values is not None:
        return body.with_blocks(host_header=(Body(span=body.span, attributes={"values": values}),))
    if field == "path-pattern" and values is None and "path_pattern" not in body.blocks:
        unknown = Unknown(reason="the paths of the rule are not known")
        return body.with_blocks(path_pattern=(Body(span=body.span, attributes={"values": unknown}),))
    return body


def target_group(source: Source) -> Iterator[Made]:
    """A target group, and what is registered in it by the template itself."""
    shape = Shape(attributes={"port": "Port", "name": "Name", "target_type": "TargetType"})
    body = shaped(source.properties, shape, source.span)
    body = _with(body, entry(source.properties, "TargetGroupAttributes"), _GROUP)
    yield Made(type="aws_lb_target_group", address=source.address, name=source.name, body=body)
    for index, (target, _) in enumerate(contents(entry(source.properties, "Targets"))):
        attached = Body(span=place_of(target, source.span)).with_attributes(
            target_group_arn=reference(source.address), target_id=entry(target, "Id")
        )
        address = f"{source.address}.Targets[{index}]"
        yield Made(type="aws_lb_target_group_attachment", address=address, name=source.name, body=attached)


def classic(source: Source) -> Iterator[Made]:
    """A classic load balancer."""
    shape = Shape(
        attributes={
            "name": "LoadBalancerName",
            "idle_timeout": "ConnectionSettings.IdleTimeout",
            "connection_draining": "ConnectionDrainingPolicy.Enabled",
            "connection_draining_timeout": "ConnectionDrainingPolicy.Timeout",
        },
        blocks={"listener": ("Listeners", Shape(attributes=_CLASSIC_LISTENER))},
    )
    body = shaped(source.properties, shape, source.span)
    yield Made(type="aws_elb", address=source.address, name=source.name, body=body)


def _with(body: Body, pairs: Value | None, names: dict[str, str]) -> Body:
    """The body with the attributes of a list of keys and values; where that is not known, they may be set."""
    if pairs is None:
        return body
    if not isinstance(pairs, ListValue):
        reason = pairs.reason if isinstance(pairs, Unknown) else "the attributes are not known"
        unknown = Unknown(reason=reason, trail=pairs.trail)
        return body.with_attributes(**dict.fromkeys(names, unknown))
    found: dict[str, Value] = {}
    for pair, sure in contents(pairs):
        key, value = known_text(entry(pair, "Key")), entry(pair, "Value")
        for name, written in names.items():
            if key == written and value is not None:
                # Without the place of the pair in front: the value has its own line.
                known = via(value, ())
                found[name] = known if sure else Unknown(reason="a condition decides", trail=value.trail)
    return body.with_attributes(**found)
