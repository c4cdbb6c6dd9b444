variable "listener_arn" {
  type = string
}

resource "aws_lb_target_group" "web" {
  name        = "web"
  port        = 8000
  target_type = "ip"
}

resource "aws_lb_listener_rule" "web" {
  listener_arn = var.listener_arn

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }

  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}

resource "aws_ecs_task_definition" "web" {
  family = "web"

  container_definitions = jsonencode([{
    name         = "web"
    image        = "example/web:1.4.2"
    command      = ["gunicorn", "--bind", "0.0.0.0:8000", "--timeout", "120", "web.wsgi"]
    portMappings = [{ containerPort = 8000 }]
  }])
}

resource "aws_ecs_service" "web" {
  name            = "web"
  task_definition = aws_ecs_task_definition.web.arn

  load_balancer {
    target_group_arn = aws_lb_target_group.web.arn
    container_name   = "web"
    container_port   = 8000
  }
}
