variable "idle" { default = 120 }
locals { b = "override" }
resource "terraform_data" "lb" { input = { idle = var.idle * 2, a = local.a, b = local.b } }
module "m" { value = 2 }
