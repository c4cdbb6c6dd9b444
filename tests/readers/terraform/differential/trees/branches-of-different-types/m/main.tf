variable "timeout" { type = number }
variable "tags" { type = map(string) }
resource "terraform_data" "m" { input = { t = var.timeout, tags = var.tags } }
