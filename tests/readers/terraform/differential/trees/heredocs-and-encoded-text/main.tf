locals {
  env     = { TIMEOUT = "60", LEVEL = "info" }
  command = ["gunicorn", "--timeout", "90", "app:main"]
  container = jsonencode({
    name        = "web"
    stopTimeout = 60
    environment = [for k, v in local.env : { name = k, value = v }]
    command     = local.command
  })
  definitions = "[${local.container}, ${jsonencode({ name = "proxy", stopTimeout = 30 })}]"
  conf = <<-CONF
    server {
      proxy_read_timeout ${local.env.TIMEOUT}s;
      %{ for name, value in local.env ~}
      set $${name}_${name} ${value};
      %{ endfor ~}
    }
  CONF
}
resource "terraform_data" "task" {
  input = {
    stop    = [for c in jsondecode(local.definitions) : c.stopTimeout]
    timeout = jsondecode(local.definitions)[0].environment[1].value
    flag    = element(local.command, index(local.command, "--timeout") + 1)
    conf    = local.conf
    raw     = local.definitions
  }
}
