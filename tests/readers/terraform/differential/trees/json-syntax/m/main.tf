variable "n" { type = number }
resource "terraform_data" "m" { input = var.n + 1 }
