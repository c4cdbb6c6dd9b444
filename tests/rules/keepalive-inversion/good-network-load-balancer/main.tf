resource "aws_lb" "api" {
  name               = "api"
  load_balancer_type = "network"
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
  deregistration_delay = 90
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

resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([
    { name = "api", image = "api:7", portMappings = [{ containerPort = 8000 }], stopTimeout = 90 },
  ])
}
