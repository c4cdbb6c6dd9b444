variable "request_timeout_seconds" { type = string }
variable "names" { type = set(string) }
resource "terraform_data" "run" { input = { timeout = "${var.request_timeout_seconds}s", path = path.module } }
output "timeout" { value = tonumber(var.request_timeout_seconds) }
output "names" { value = sort(var.names) }
output "settings" { value = { for n in var.names : n => var.request_timeout_seconds } }
