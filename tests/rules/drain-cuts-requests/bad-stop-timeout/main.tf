resource "aws_lb" "api" {
  name         = "api"
  idle_timeout = 70
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
  deregistration_delay = 70
}

resource "aws_ecs_service" "api" {
  name            = "api"
  task_definition = aws_ecs_task_definition.api.arn

  load_balancer {
    target_group_arn = aws_lb_target_group.api.arn
    container_name   = "api"
    container_port   = 8000
  }
}

locals {
  api = jsonencode({
    name         = "api"
    image        = "${data.aws_ecr_repository.api.repository_url}:7"
    portMappings = [{ containerPort = 8000 }]
    stopTimeout  = 10
  })
  agent = jsonencode({
    name        = "agent"
    image       = "agent:1"
    stopTimeout = 2
  })
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  container_definitions = "[${local.api}, ${local.agent}]"
}

data "aws_ecr_repository" "api" {
  name = "api"
}
