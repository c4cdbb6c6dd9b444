variable "public" {
  type    = bool
  default = false
}

resource "aws_lb" "edge" {
  count        = var.public ? 1 : 0
  idle_timeout = 60
}
