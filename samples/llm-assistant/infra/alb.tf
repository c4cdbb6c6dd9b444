# The idle timeout of the load balancer is not written: AWS applies 60 seconds.
resource "aws_lb" "assistant" {
  name               = "assistant"
  load_balancer_type = "application"
  security_groups    = [aws_security_group.alb.id]
  subnets            = data.aws_subnets.public.ids
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.assistant.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.assistant.arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "assistant" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nginx.arn
  }

  condition {
    host_header {
      values = ["assistant.example.com"]
    }
  }
}

resource "aws_lb_target_group" "nginx" {
  name                 = "assistant-nginx"
  port                 = 80
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.main.id
  deregistration_delay = 90

  health_check {
    path     = "/healthz"
    interval = 15
    timeout  = 5
  }
}

resource "aws_acm_certificate" "assistant" {
  domain_name       = "assistant.example.com"
  validation_method = "DNS"
}

resource "aws_security_group" "alb" {
  name   = "assistant-alb"
  vpc_id = data.aws_vpc.main.id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  timeouts {
    delete = "5m"
  }
}
