variable "n" {}
module "b" {
  source = "./b"
  n      = var.n * 2 + 1
}
output "n" { value = module.b.n }
