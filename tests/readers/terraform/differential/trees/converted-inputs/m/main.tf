variable "text" { type = string }
variable "number" { type = number }
variable "flag" { type = bool }
variable "list" { type = list(number) }
variable "set" { type = set(string) }
variable "map" { type = map(string) }
variable "tuple" { type = tuple([number, string]) }
variable "object" { type = object({ name = string, nested = object({ n = number, o = optional(bool, false) }) }) }
variable "objects" { type = list(object({ t = number, u = optional(string) })) }
resource "terraform_data" "m" {
  input = {
    text = var.text, number = var.number, flag = var.flag, list = var.list, set = var.set, map = var.map
    tuple = var.tuple, object = var.object, objects = [for o in var.objects : o.u == null ? o.t : o.u]
    names = keys(var.object)
  }
}
