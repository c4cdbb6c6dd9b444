variable "name" {
  type = string
}

variable "drain" {
  type = number
}

resource "aws_lb_target_group" "this" {
  name                 = var.name
  port                 = 8080
  protocol             = "HTTP"
  deregistration_delay = var.drain

  health_check {
    path    = "/health"
    timeout = 5
  }
}

resource "aws_ecs_service" "this" {
  name = var.name

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "app"
    container_port   = 8080
  }
}

output "target_group_arn" {
  value = aws_lb_target_group.this.arn
}
