"""What settings that facts know by their Terraform names are called in templates of CloudFormation."""

from collections.abc import Mapping

_NAMES: Mapping[str, str] = {
    "timeout": "Timeout",
    "timeout_milliseconds": "TimeoutInMillis",
    "visibility_timeout_seconds": "VisibilityTimeout",
    "maximum_batching_window_in_seconds": "MaximumBatchingWindowInSeconds",
    "idle_timeout": "idle_timeout.timeout_seconds",
    "client_keep_alive": "client_keep_alive.seconds",
    "deregistration_delay": "deregistration_delay.timeout_seconds",
    "tcp_idle_timeout_seconds": "tcp.idle_timeout.seconds",
    "connection_draining_timeout": "ConnectionDrainingPolicy.Timeout",
    "per_request_timeout_seconds": "PerRequestTimeoutSeconds",
    "idle_timeout_seconds": "IdleTimeoutSeconds",
    "stopTimeout": "StopTimeout",
    "connection_borrow_timeout": "ConnectionBorrowTimeout",
    "idle_client_timeout": "IdleClientTimeout",
    "origin.connection_attempts": "ConnectionAttempts",
    "origin.connection_timeout": "ConnectionTimeout",
    "origin.response_completion_timeout": "ResponseCompletionTimeout",
    "origin.custom_origin_config.origin_read_timeout": "OriginReadTimeout",
    "origin.custom_origin_config.origin_keepalive_timeout": "OriginKeepaliveTimeout",
    "origin.vpc_origin_config.origin_read_timeout": "OriginReadTimeout",
    "origin.vpc_origin_config.origin_keepalive_timeout": "OriginKeepaliveTimeout",
}
_CLASSIC: Mapping[str, str] = {"idle_timeout": "ConnectionSettings.IdleTimeout"}


def name_in_template(component: str, setting: str) -> str:
    """The property or attribute that a setting is; empty where it has no name of its own."""
    own = _CLASSIC.get(setting) if component == "aws_elb" else None
    return own or _NAMES.get(setting, "")
