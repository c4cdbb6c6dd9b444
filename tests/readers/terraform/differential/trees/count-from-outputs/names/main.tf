variable "prefix" {}
locals { timeouts = [10, 20, 30] }
output "list" { value = [for t in local.timeouts : "${var.prefix}-${t}"] }
output "map" { value = { for i, t in local.timeouts : "${var.prefix}${i}" => { timeout = t, last = i == length(local.timeouts) - 1 } } }
