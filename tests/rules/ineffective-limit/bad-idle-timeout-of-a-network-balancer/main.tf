resource "aws_lb" "broker" {
  name               = "broker"
  load_balancer_type = "network"
  idle_timeout       = 600
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.broker.arn
  port              = 5672
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.broker.arn
  }
}

resource "aws_lb_target_group" "broker" {
  port     = 5672
  protocol = "TCP"
}
