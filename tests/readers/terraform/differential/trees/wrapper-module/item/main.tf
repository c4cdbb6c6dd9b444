variable "timeout" { type = number }
variable "retries" {
  type    = number
  default = 0
}
variable "label" {
  type     = string
  default  = "none"
  nullable = false
}
resource "terraform_data" "item" { input = { total = var.timeout * (var.retries + 1), label = var.label } }
output "total" { value = var.timeout * (var.retries + 1) }
