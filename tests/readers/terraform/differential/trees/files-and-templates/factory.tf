locals {
  folder   = pathexpand("${path.module}/factory")
  services = { for f in fileset(local.folder, "*.yaml") : trimsuffix(f, ".yaml") => yamldecode(file("${local.folder}/${f}")) }
  greeting = "Hello, $${name}%%{ if loud }!%%{ endif }"
}

resource "terraform_data" "factory" {
  for_each = local.services
  input    = each.value.timeout * 2
}

resource "terraform_data" "sets" {
  input = {
    all      = fileset(path.module, "factory/**/*.{yaml,txt}")
    none     = fileset(path.module, "factory/*.json")
    one      = fileset("factory", "?.yaml")
    rendered = templatestring(local.greeting, { name = "api", loud = true })
    unread   = try(templatefile("templates/unit.tftpl", { name = "x" }), "incomplete")
  }
}
