locals {
  idle_timeout = 75
}

variable "subnet_ids" {
  type = list(string)
}

variable "vpc_id" {
  type = string
}

resource "aws_lb" "tickets" {
  name               = "tickets"
  load_balancer_type = "application"
  subnets            = var.subnet_ids
  idle_timeout       = local.idle_timeout
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.tickets.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nginx.arn
  }
}

resource "aws_lb_target_group" "nginx" {
  name                 = "tickets-nginx"
  port                 = 80
  protocol             = "HTTP"
  vpc_id               = var.vpc_id
  deregistration_delay = local.idle_timeout + 15
}
