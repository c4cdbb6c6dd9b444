variable "name" {}
variable "timeout" { type = number }
variable "memory" {
  type    = number
  default = 256
}
resource "terraform_data" "this" { input = { timeout = var.timeout, memory = var.memory } }
output "timeout" { value = var.timeout }
output "full" { value = "${var.name}/${terraform_data.this.input.memory}" }
