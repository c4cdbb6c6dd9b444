resource "aws_lb" "shop" {
  name               = "shop"
  load_balancer_type = "application"
  subnets            = var.public_subnet_ids
  idle_timeout       = 60
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.shop.arn
  port              = "443"
  protocol          = "HTTPS"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nginx.arn
  }
}

resource "aws_lb_listener_rule" "shop" {
  listener_arn = aws_lb_listener.https.arn

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nginx.arn
  }

  condition {
    host_header {
      values = ["shop.example.com"]
    }
  }
}

resource "aws_lb_target_group" "nginx" {
  name                 = "shop-nginx"
  port                 = 8080
  protocol             = "HTTP"
  vpc_id               = var.vpc_id
  deregistration_delay = "120"

  health_check {
    path    = "/healthz"
    timeout = 3
  }
}

resource "aws_autoscaling_group" "nginx" {
  name                = "shop-nginx"
  min_size            = 2
  max_size            = 4
  vpc_zone_identifier = var.public_subnet_ids
  target_group_arns   = [aws_lb_target_group.nginx.arn]

  timeouts {
    delete = "15m"
  }
}
