locals {
  config  = jsondecode(file("${path.module}/config/app.json"))
  values  = yamldecode(file("config/values.yaml"))
  unit    = templatefile("${path.module}/templates/unit.tftpl", { name = "api", ports = [80, 443], timeout = local.config.timeout })
  encoded = templatefile("templates/task.json.tftpl", { timeout = 30, image = "repo/api:1" })
}
module "child" { source = "./child" }
resource "terraform_data" "files" {
  input = {
    timeout  = local.config.timeout
    nested   = local.values.services[1].timeout
    unit     = local.unit
    task     = jsondecode(local.encoded)[0].stopTimeout
    exists   = fileexists("config/app.json")
    child    = module.child.text
    root     = path.root
    lines    = split("\n", trimspace(file("config/list.txt")))
    fallback = try(local.config.missing, 7)
  }
}
