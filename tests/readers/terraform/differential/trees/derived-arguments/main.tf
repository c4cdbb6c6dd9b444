locals {
  nginx_base_timeout    = 60
  timeout_multiplier    = 1.2
  deregistration_buffer = 10
  request_timeout       = ceil(local.nginx_base_timeout * local.timeout_multiplier)
  deregistration_delay  = local.request_timeout + local.deregistration_buffer
}
resource "terraform_data" "function" { input = { timeout = 10 * 60 } }
resource "terraform_data" "queue" {
  input = {
    visibility = terraform_data.function.input.timeout * 6
    grace      = local.deregistration_delay + 10
    deadline   = "${terraform_data.function.input.timeout + 60}s"
    text       = tostring(terraform_data.function.input.timeout)
  }
}
