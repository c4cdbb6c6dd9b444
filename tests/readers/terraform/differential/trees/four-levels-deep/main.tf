module "a" {
  source = "./a"
  n      = 1
}
resource "terraform_data" "top" { input = module.a.n }
