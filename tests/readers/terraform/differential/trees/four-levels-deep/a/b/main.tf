variable "n" {}
module "c" {
  source   = "../../shared"
  for_each = toset(["x", "y"])
  n        = "${each.key}${var.n}"
}
output "n" { value = [for m in module.c : m.n] }
