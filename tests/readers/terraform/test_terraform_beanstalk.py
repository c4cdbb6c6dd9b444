"""Environments of Elastic Beanstalk: blocks of options, and what stands in front of the application."""

from pathlib import Path

import pytest
from terraform_files import declared, known, setting_of, stack, way

from budgetcheck.model.settings import OneOf, Reading

ENVIRONMENT = """
variable "idle" { default = 120 }
resource "aws_elastic_beanstalk_environment" "shop" {
  name        = "shop"
  application = "shop"
%s
}
"""
BALANCER = "terraform:aws_elastic_beanstalk_environment.shop/balancer"


def option(namespace: str, name: str, value: str) -> str:
    return f'  setting {{\n    namespace = "{namespace}"\n    name = "{name}"\n    value = {value}\n  }}\n'


def environment(folder: Path, *options: str, more: str = "") -> Reading:
    return stack(folder, ENVIRONMENT % (more + "".join(options)))


def test_an_option_is_a_setting_with_its_whole_way(tmp_path: Path) -> None:
    idle = option("aws:elb:policies", "ConnectionSettingIdleTimeout", "var.idle")
    result = environment(tmp_path, idle)
    found = setting_of(result, BALANCER, "idle_timeout")
    assert known(found) == 120
    assert way(found) == ["main.tf:9 value = var.idle", "main.tf:2 var.idle", "main.tf:2 default = 120"]
    assert declared(result, BALANCER).trait("load_balancer_type") == "classic"


def test_an_environment_has_a_balancer_unless_it_says_otherwise(tmp_path: Path) -> None:
    assert declared(environment(tmp_path), BALANCER).settings == ()
    single = option("aws:elasticbeanstalk:environment", "EnvironmentType", '"SingleInstance"')
    assert environment(tmp_path / "single", single).declarations == ()


@pytest.mark.parametrize("kind", ["application", "network"])
def test_the_type_of_the_balancer_decides_which_option_counts(tmp_path: Path, kind: str) -> None:
    options = (
        option("aws:elasticbeanstalk:environment", "LoadBalancerType", f'"{kind}"'),
        option("aws:elb:policies", "ConnectionSettingIdleTimeout", "90"),
        option("aws:elbv2:loadbalancer", "IdleTimeout", "200"),
    )
    found = declared(environment(tmp_path, *options), BALANCER)
    assert found.trait("load_balancer_type") == kind
    assert [str(one.value) for one in found.settings] == (
        ["Known(value=200)"] if kind == "application" else []
    )


def test_of_a_type_that_is_not_known_either_time_may_count(tmp_path: Path) -> None:
    options = (
        option("aws:elasticbeanstalk:environment", "LoadBalancerType", "var.kind"),
        option("aws:elbv2:loadbalancer", "IdleTimeout", "200"),
    )
    found = setting_of(environment(tmp_path, *options), BALANCER, "idle_timeout")
    assert isinstance(found.value, OneOf)
    assert set(found.value.values) == {200, None}


def test_a_worker_has_a_queue_and_a_daemon(tmp_path: Path) -> None:
    visible = option("aws:elasticbeanstalk:sqsd", "VisibilityTimeout", "120")
    result = environment(tmp_path, visible, more='  tier = "Worker"\n')
    address = "terraform:aws_elastic_beanstalk_environment.shop"
    assert known(setting_of(result, f"{address}/queue", "VisibilityTimeout")) == 120
    assert [one.address for one in declared(result, f"{address}/queue").targets] == [f"{address}/sqsd"]
    assert [one.address for one in result.declarations if "balancer" in one.address] == []
