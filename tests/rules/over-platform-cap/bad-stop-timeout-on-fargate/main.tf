resource "aws_lb" "api" {
  name = "api"
}

resource "aws_lb_listener" "api" {
  load_balancer_arn = aws_lb.api.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}

resource "aws_lb_target_group" "api" {
  port        = 8000
  target_type = "ip"
}

resource "aws_ecs_task_definition" "api" {
  family                   = "api"
  requires_compatibilities = ["FARGATE"]

  container_definitions = jsonencode([
    {
      name         = "api"
      image        = "${aws_ecr_repository.api.repository_url}:latest"
      portMappings = [{ containerPort = 8000 }]
      environment  = [{ name = "TIMEOUT", value = "900" }]
      # A job may run for five minutes.
      startTimeout = 600
      stopTimeout  = 300
    }
  ])
}

resource "aws_ecs_service" "api" {
  name            = "api"
  launch_type     = "FARGATE"
  task_definition = aws_ecs_task_definition.api.arn

  load_balancer {
    target_group_arn = aws_lb_target_group.api.arn
    container_name   = "api"
    container_port   = 8000
  }
}

resource "aws_ecr_repository" "api" {
  name = "api"
}
