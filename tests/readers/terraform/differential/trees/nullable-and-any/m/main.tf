variable "strict" {
  type     = number
  default  = 30
  nullable = false
}
variable "loose" {
  type    = number
  default = 30
}
variable "anything" { type = any }
variable "untyped" {}
resource "terraform_data" "in" {
  input = {
    strict  = var.strict
    loose   = var.loose == null ? "null" : "set"
    first   = var.anything.a[0]
    b       = var.anything.b == null
    untyped = var.untyped
    sum     = var.untyped + 1
  }
}
output "all" { value = { strict = var.strict, loose = coalesce(var.loose, 5), untyped = var.untyped } }
