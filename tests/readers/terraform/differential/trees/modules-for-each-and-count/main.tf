locals {
  functions = {
    ingest = { timeout = 60, memory = 512 }
    export = { timeout = 900 }
  }
}
module "function" {
  source   = "./function"
  for_each = local.functions
  name     = each.key
  timeout  = each.value.timeout
  memory   = try(each.value.memory, 128)
}
module "replica" {
  source  = "./function"
  count   = 2
  name    = "replica-${count.index}"
  timeout = 10 * (count.index + 1)
}
resource "terraform_data" "longest" {
  input = {
    max   = max([for f in module.function : f.timeout]...)
    names = [for k, f in module.function : "${k}:${f.full}"]
    one   = module.function["export"].timeout
    splat = module.replica[*].timeout
    last  = module.replica[1].full
  }
}
