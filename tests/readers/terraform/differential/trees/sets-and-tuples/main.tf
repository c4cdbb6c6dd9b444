variable "rules" {
  type = set(object({ port = number, cidrs = optional(list(string), ["0.0.0.0/0"]) }))
  default = [{ port = 443 }, { port = 80, cidrs = ["10.0.0.0/8"] }, { port = 443 }]
}
variable "routes" {
  type    = map(list(string))
  default = { api = ["/a", "/b"], web = [] }
}
locals {
  ports = [for r in var.rules : r.port]
  flat  = { for k, v in transpose(var.routes) : k => v[0] }
}
resource "terraform_data" "types" {
  input = {
    ports = local.ports
    flat  = local.flat
    rules = var.rules
    empty = [for k, v in var.routes : k if length(v) == 0]
    total = sum(local.ports)
    pairs = zipmap(keys(var.routes), [for k, v in var.routes : length(v)])
  }
}
