module "m" {
  source   = "./m"
  strict   = null
  loose    = null
  anything = { a = [1, "x"], b = null }
  untyped  = "60"
}
output "m" { value = module.m.all }
resource "terraform_data" "out" { input = module.m.all }
