resource "aws_lb" "search" {
  name               = "search"
  load_balancer_type = "application"
  subnets            = var.subnet_ids
  idle_timeout       = var.alb_idle_timeout
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.search.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nginx.arn
  }
}

resource "aws_lb_listener_rule" "search" {
  listener_arn = aws_lb_listener.https.arn

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nginx.arn
  }

  condition {
    host_header {
      values = ["search.example.com"]
    }
  }
}

resource "aws_lb_target_group" "nginx" {
  name     = "search-nginx"
  port     = 80
  protocol = "HTTP"
  vpc_id   = var.vpc_id
}
