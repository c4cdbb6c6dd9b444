variable "idle_timeout" {
  type    = number
  default = 60
}

resource "aws_lb" "public" {
  name         = "public"
  idle_timeout = var.idle_timeout
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.public.arn
  port              = 443

  default_action {
    type = "fixed-response"
  }
}

output "listener_arn" {
  value = aws_lb_listener.https.arn
}
