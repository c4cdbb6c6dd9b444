resource "aws_lb" "main" {
  name = "shop"
}

resource "aws_lb_target_group" "api" {
  port     = 8000
  protocol = "HTTP"
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}
