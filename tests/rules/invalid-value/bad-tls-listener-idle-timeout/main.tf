resource "aws_lb" "broker" {
  name               = "broker"
  load_balancer_type = "network"
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn        = aws_lb.broker.arn
  port                     = 5672
  protocol                 = "TCP"
  tcp_idle_timeout_seconds = 6000
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.broker.arn
  }
}

resource "aws_lb_listener" "tls" {
  load_balancer_arn        = aws_lb.broker.arn
  port                     = 5671
  protocol                 = "TLS"
  tcp_idle_timeout_seconds = 6000
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.broker.arn
  }
}

resource "aws_lb_target_group" "broker" {
  port     = 5672
  protocol = "TCP"
}
