variable "n" { type = string }
resource "terraform_data" "it" { input = "${path.module}:${var.n}" }
output "n" { value = upper(var.n) }
