variable "timeout_seconds" { type = number }
variable "name" { type = string }
module "regional" {
  source                  = "../regional"
  request_timeout_seconds = var.timeout_seconds + 5
  names                   = ["${var.name}-a", "${var.name}-b"]
}
resource "terraform_data" "service" { input = { timeout = "${var.timeout_seconds}s" } }
output "timeout" { value = module.regional.timeout }
output "label" { value = upper(module.regional.names[1]) }
output "settings" { value = merge(module.regional.settings, { own = terraform_data.service.input.timeout }) }
