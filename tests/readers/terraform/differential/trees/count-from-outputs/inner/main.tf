variable "settings" { type = object({ timeout = number, last = bool }) }
resource "terraform_data" "inner" { input = var.settings.last ? var.settings.timeout * 100 : var.settings.timeout }
