locals { base = 30 }
module "service" {
  source          = "./modules/service"
  timeout_seconds = local.base * 2
  name            = "api"
}
resource "terraform_data" "gateway" {
  input = { timeout_ms = module.service.timeout * 1000, label = module.service.label, all = module.service.settings }
}
