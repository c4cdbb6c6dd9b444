variable "listeners" {
  default = {
    http  = { port = 80, redirect = true }
    https = { port = 443, rules = { api = { path = "/api/*", priority = 10 }, web = { path = "/*", priority = 20 } } }
  }
}
locals {
  rules = flatten([
    for lk, l in var.listeners : [
      for rk, r in try(l.rules, {}) : { key = "${lk}/${rk}", listener = lk, path = r.path, priority = r.priority }
    ]
  ])
  by_key    = { for r in local.rules : r.key => r }
  by_path   = { for r in local.rules : r.listener => r.path... }
  redirects = [for k, l in var.listeners : k if try(l.redirect, false)]
  pairs     = { for p in setproduct(["blue", "green"], keys(var.listeners)) : join("-", p) => p[1] }
}
resource "terraform_data" "rule" {
  for_each = local.by_key
  input    = { listener = var.listeners[each.value.listener].port, path = each.value.path, priority = each.value.priority }
}
resource "terraform_data" "rest" {
  input = { by_path = local.by_path, redirects = local.redirects, pairs = local.pairs, sorted = sort([for r in local.rules : r.path]) }
}
