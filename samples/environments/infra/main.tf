terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.80"
    }
  }
}

provider "aws" {
  region = "eu-west-2"
}

locals {
  name = "reports-${var.environment}"
}

resource "aws_lb" "reports" {
  name               = local.name
  load_balancer_type = "application"
  subnets            = var.public_subnet_ids
  idle_timeout       = var.idle_timeout
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.reports.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nginx.arn
  }
}

resource "aws_lb_listener_rule" "reports" {
  listener_arn = aws_lb_listener.https.arn

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nginx.arn
  }

  condition {
    host_header {
      values = ["reports.example.com"]
    }
  }
}

resource "aws_lb_target_group" "nginx" {
  name     = local.name
  port     = 80
  protocol = "HTTP"
  vpc_id   = var.vpc_id
}
