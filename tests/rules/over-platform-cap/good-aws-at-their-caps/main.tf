resource "aws_api_gateway_rest_api" "chat" {
  name = "chat"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_integration" "chat" {
  rest_api_id            = aws_api_gateway_rest_api.chat.id
  resource_id            = aws_api_gateway_rest_api.chat.root_resource_id
  http_method            = "POST"
  type                   = "HTTP_PROXY"
  uri                    = "https://chat.partner.example/stream"
  response_transfer_mode = "STREAM"
  timeout_milliseconds   = 900000
}

resource "aws_lambda_function" "import" {
  function_name = "import"
  timeout       = 900

  timeouts {
    create = "40m"
  }
}

resource "aws_codebuild_project" "image" {
  name          = "image"
  build_timeout = 480
}

resource "aws_lb" "api" {
  name         = "api"
  idle_timeout = 4000
}

resource "aws_lb_listener" "api" {
  load_balancer_arn = aws_lb.api.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}

resource "aws_lb_target_group" "api" {
  port                 = 8000
  slow_start           = 900
  deregistration_delay = 3600

  health_check {
    interval = 300
    timeout  = 120
  }
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  container_definitions = <<JSON
[
  {
    "name": "api",
    "image": "api:1",
    "stopTimeout": 300,
    "portMappings": [{ "containerPort": 8000 }]
  }
]
JSON
}

resource "aws_ecs_service" "api" {
  name                              = "api"
  launch_type                       = "EC2"
  health_check_grace_period_seconds = 1800
  task_definition                   = aws_ecs_task_definition.api.arn

  load_balancer {
    target_group_arn = aws_lb_target_group.api.arn
    container_name   = "api"
    container_port   = 8000
  }
}
