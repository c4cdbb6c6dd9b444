"""Resources of plain templates and what leads from one to the next."""

from pathlib import Path

import pytest
from template_files import HEAD, declared, reading, setting_of, targets_of, template, value_of

BALANCER = """
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - {Key: deletion_protection.enabled, Value: "true"}
        - Key: idle_timeout.timeout_seconds
          Value: "90"
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Protocol: HTTPS
      DefaultActions:
        - Type: fixed-response
          FixedResponseConfig: {StatusCode: "404"}
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 1
      Conditions:
        - Field: path-pattern
          PathPatternConfig:
            Values: ["/api/*"]
        - Field: host-header
          Values: [shop.example.com]
      Actions:
        - Type: forward
          TargetGroupArn: !Ref Group
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 8000
      TargetType: ip
      TargetGroupAttributes:
        - {Key: deregistration_delay.timeout_seconds, Value: "45"}
  Service:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      LaunchType: FARGATE
      TaskDefinition: !Ref Task
      LoadBalancers:
        - {ContainerName: web, ContainerPort: 8000, TargetGroupArn: !Ref Group}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: web
          Image: !Sub "${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/web:1"
          Command: [gunicorn, --timeout, "60", -b, ":8000", "shop.wsgi:application"]
          StopTimeout: 50
          PortMappings:
            - ContainerPort: 8000
"""


def test_a_balancer_leads_to_the_server_in_a_container(tmp_path: Path) -> None:
    result = template(tmp_path, BALANCER)
    balancer = declared(result, "cloudformation:Balancer")
    settings = {one.label: value_of(one) for one in balancer.settings}
    assert settings == {
        "idle_timeout.timeout_seconds": "90",
        "Group.deregistration_delay.timeout_seconds": "45",
    }
    (target,) = balancer.targets
    assert (target.address, target.port, target.hosts) == (
        "cloudformation:Task",
        8000,
        ("shop.example.com",),
    )
    assert [path.pattern for path in target.paths] == ["/api/*"]
    container = declared(result, "cloudformation:Task")
    assert (value_of(container.setting("stopTimeout")), container.trait("launch")) == (50, "FARGATE")
    server = declared(result, "cloudformation:Task/server")
    assert (server.component, server.trait("application")) == ("gunicorn", "shop.wsgi:application")


@pytest.mark.parametrize(
    ("image", "name"),
    [
        pytest.param("web:1", "web", id="known"),
        pytest.param(
            '!Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/shop/web:1"',
            "shop/web",
            id="registry",
        ),
        pytest.param('!Sub "${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/web:${Tag}"', "web", id="tag"),
        pytest.param('!Join ["/", [!Ref Registry, web]]', "web", id="joined"),
        pytest.param('!Sub "${Registry}:1"', "", id="nothing of the name"),
    ],
)
def test_the_image_of_a_container(tmp_path: Path, image: str, name: str) -> None:
    written = BALANCER.splitlines()
    lines = [f"          Image: {image}" if line.strip().startswith("Image:") else line for line in written]
    parameters = "\nParameters: {Tag: {Type: String}, Registry: {Type: String}}"
    result = template(tmp_path, parameters + "\n".join(lines) + "\n")
    (target,) = declared(result, "cloudformation:Balancer").targets
    assert target.image == name


def test_attributes_that_are_not_known_may_be_any(tmp_path: Path) -> None:
    text = BALANCER.replace('          Value: "90"\n', "          Value: !Ref Idle\n").replace(
        "\nResources:", "\nParameters: {Idle: {Type: Number}}\nResources:"
    )
    assert value_of(setting_of(template(tmp_path, text), "cloudformation:Balancer", "idle_timeout")) is ...


DISTRIBUTION = """
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Aliases: [shop.example.com]
        DefaultCacheBehavior: {TargetOriginId: files}
        CacheBehaviors:
          - {PathPattern: "/api/*", TargetOriginId: api}
        Origins:
          - Id: files
            DomainName: !GetAtt Files.DomainName
            S3OriginConfig: {}
          - Id: api
            DomainName: !Sub "${Api}.execute-api.${AWS::Region}.amazonaws.com"
            OriginPath: /live
            CustomOriginConfig:
              OriginReadTimeout: 45
              OriginProtocolPolicy: https-only
  Files: {Type: "AWS::S3::Bucket"}
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {ProtocolType: HTTP}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt Orders.Arn
      TimeoutInMillis: 10000
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: GET /orders/{id}
      Target: !Join [/, [integrations, !Ref Integration]]
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Handler: orders.handler
      Runtime: python3.12
"""


def test_a_distribution_leads_to_an_api_and_its_function(tmp_path: Path) -> None:
    result = template(tmp_path, DISTRIBUTION)
    assert targets_of(result, "cloudformation:Site") == ["cloudformation:Integration"]
    site = declared(result, "cloudformation:Site")
    assert [path.pattern for path in site.front.paths] == ["/api/*"]
    assert value_of(site.setting("origin.custom_origin_config.origin_read_timeout")) == 45
    integration = declared(result, "cloudformation:Integration")
    assert [path.pattern for path in integration.front.paths] == ["/orders/{id}"]
    assert value_of(integration.setting("timeout_milliseconds")) == 10_000
    assert targets_of(result, "cloudformation:Integration") == ["cloudformation:Orders"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        pytest.param("Handler: index.handler, Code: {S3Bucket: b, S3Key: k}", True, id="packed elsewhere"),
        pytest.param(
            'Handler: index.handler, Code: {ZipFile: "def handler(e, c): pass"}', False, id="written inline"
        ),
        pytest.param(
            "Handler: index.handler, Runtime: nodejs22.x, Code: {S3Bucket: b, S3Key: k}",
            False,
            id="no Python",
        ),
    ],
)
def test_the_code_of_a_function_is_looked_for_where_it_is_a_file(
    tmp_path: Path, written: str, kept: bool
) -> None:
    text = f"Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {{{written}}}\n"
    application = declared(template(tmp_path, text), "cloudformation:F").trait("application")
    assert application == ("index:handler" if kept else "")


def test_a_resource_of_a_condition_that_does_not_hold_is_not_there(tmp_path: Path) -> None:
    text = """
Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Only:
    Type: AWS::Lambda::Function
    Condition: IsProd
    Properties: {Timeout: 900}
  Always:
    Type: AWS::Lambda::Function
    Properties: {Timeout: 9}
"""
    assert [one.title for one in template(tmp_path, text).declarations] == ["Always"]


QUEUE = (
    HEAD
    + """
Resources:
  Work: {Type: "AWS::SQS::Queue", Properties: {VisibilityTimeout: 100}}
Outputs:
  Arn: {Value: !GetAtt Work.Arn, Export: {Name: work-arn}}
"""
)
WORKER = (
    HEAD
    + """
Parameters: {QueueArn: {Type: String, Default: ""}}
Resources:
  Worker: {Type: "AWS::Lambda::Function", Properties: {Timeout: 50}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: ARN, FunctionName: !Ref Worker}
"""
)


def test_stacks_that_import_from_one_another_are_one(tmp_path: Path) -> None:
    files = {"a.yaml": QUEUE, "b.yaml": WORKER.replace("ARN,", "!ImportValue work-arn,")}
    assert targets_of(reading(tmp_path, files), "cloudformation:Work") == ["cloudformation:Worker"]


def test_nested_stacks_are_read_where_they_are_used(tmp_path: Path) -> None:
    root = (
        HEAD
        + """
Resources:
  Queues:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: nested/queue.yaml}
  Workers:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: !Sub https://${AWS::Region}.example.com/nested/worker.yaml
      Parameters: {QueueArn: !GetAtt Queues.Outputs.Arn}
"""
    )
    files = {
        "root.yaml": root,
        "nested/queue.yaml": QUEUE,
        "nested/worker.yaml": WORKER.replace("ARN,", "!Ref QueueArn,"),
    }
    result = reading(tmp_path, files)
    assert targets_of(result, "cloudformation:Queues/Work") == ["cloudformation:Workers/Worker"]
    assert {one.title for one in result.declarations} == {"Queues/Work", "Workers/Worker"}


def test_templates_with_the_same_names_are_told_apart(tmp_path: Path) -> None:
    files = {f"{name}/template.yaml": WORKER for name in ("orders", "users")}
    titles = {one.title for one in reading(tmp_path, files).declarations}
    assert titles == {"orders/template/Worker", "users/template/Worker"}


def test_parameters_of_a_database(tmp_path: Path) -> None:
    text = """
Resources:
  Tuned:
    Type: AWS::RDS::DBParameterGroup
    Properties:
      Family: postgres16
      Parameters: {statement_timeout: "30000", shared_buffers: "100"}
"""
    result = template(tmp_path, text)
    assert value_of(setting_of(result, "cloudformation:Tuned", "statement_timeout")) == "30000"


def test_an_openapi_document_in_a_file_beside_the_template(tmp_path: Path) -> None:
    document = """
openapi: 3.0.1
paths:
  /orders:
    get:
      x-amazon-apigateway-integration:
        type: aws_proxy
        timeoutInMillis: 5000
        uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Orders.Arn}/invocations
"""
    text = """
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}
  Orders: {Type: "AWS::Lambda::Function", Properties: {Timeout: 9}}
"""
    result = template(tmp_path, text, **{"api.yaml": document})
    address = "cloudformation:Api/GET /orders"
    assert targets_of(result, address) == ["cloudformation:Orders"]
    found = setting_of(result, address, "timeout_milliseconds")
    assert (value_of(found), found.spans[0].file) == (5000, "api.yaml")


def test_json_is_read_as_it_is(tmp_path: Path) -> None:
    text = (
        '{\n\t"AWSTemplateFormatVersion": "2010-09-09",\n\t"Description": "\\ud83d\\ude00 \\ud83d \\/",\n'
        '\t"Resources": {\n\t\t"F": {"Type": "AWS::Lambda::Function", '
        '"Properties": {\n\t\t\t"Timeout": 9}}}}\n'
    )
    found = setting_of(reading(tmp_path, {"a.template": text}), "cloudformation:F", "timeout")
    assert (value_of(found), found.spans[0].place) == (9, "a.template:6")


@pytest.mark.parametrize(
    ("other", "titles"),
    [
        pytest.param("template.yaml", {"Worker"}, id="the source is beside it"),
        pytest.param("src/template.yaml", {"template/Worker", "src/template/Worker"}, id="it is elsewhere"),
    ],
)
def test_what_was_packaged_is_no_stack_of_its_own(tmp_path: Path, other: str, titles: set[str]) -> None:
    sam = (
        HEAD + "Transform: AWS::Serverless-2016-10-31\nResources:\n  Worker:\n"
        "    Type: AWS::Serverless::Function\n    Properties: {Timeout: 5, CodeUri: CODE}\n"
    )
    packaged = "packaged.yaml" if other == "template.yaml" else "template.yaml"
    files = {other: sam.replace("CODE", "src/"), packaged: sam.replace("CODE", "s3://builds/1234")}
    assert {one.title for one in reading(tmp_path, files).declarations} == titles


def test_resources_that_a_loop_makes_are_said_to_be_missing(tmp_path: Path) -> None:
    text = """
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Queues:
    - Name
    - [A, B]
    - Queue${Name}: {Type: "AWS::SQS::Queue"}
  Worker: {Type: "AWS::Lambda::Function"}
"""
    result = template(tmp_path, text)
    assert [one.title for one in result.declarations] == ["Worker"]
    (problem,) = result.problems
    assert (problem.span.place, problem.text) == (
        "template.yaml:5",
        "the resources that Fn::ForEach makes are not read",
    )
