variable "timeouts" { type = map(number) }
variable "hosts" { type = list(string) }
variable "name" { type = string }
resource "terraform_data" "t" {
  for_each = var.timeouts
  input    = { ms = each.value * 1000, first = var.hosts[0], name = var.name }
}
