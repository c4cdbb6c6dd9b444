"""Module trees modelled on real configurations; each input of a `terraform_data` is compared with a plan."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ModuleTree:
    """A root module with all it needs, and how it is run. `links` are symbolic links: name and target."""

    files: dict[str, str]
    var_files: tuple[str, ...] = ()
    workspace: str = ""
    links: dict[str, str] = field(default_factory=dict)


TREES: dict[str, ModuleTree] = {}

TREES["var files: terraform.tfvars < auto (by name) < the environment's, a default below all"] = ModuleTree(
    files={
        "main.tf": """
variable "a" { default = "default" }
variable "b" { default = "default" }
variable "c" { default = "default" }
variable "d" { default = "default" }
variable "e" {
  type    = number
  default = 60 * 15
}
resource "terraform_data" "all" {
  input = { a = var.a, b = var.b, c = var.c, d = var.d, e = var.e }
}
""",
        "terraform.tfvars": 'b = "terraform.tfvars"\nc = "terraform.tfvars"\nd = "terraform.tfvars"\n',
        "a.auto.tfvars": 'c = "a.auto"\nd = "a.auto"\n',
        "b.auto.tfvars": 'c = "b.auto"\nd = "b.auto"\n',
        "env/prod.tfvars": 'd = "prod"\n',
    },
    var_files=("env/prod.tfvars",),
)

TREES["var files in JSON, several var files in order"] = ModuleTree(
    files={
        "main.tf": """
variable "timeouts" { type = map(number) }
variable "hosts" { type = list(string) }
variable "name" { type = string }
resource "terraform_data" "t" {
  for_each = var.timeouts
  input    = { ms = each.value * 1000, first = var.hosts[0], name = var.name }
}
""",
        "terraform.tfvars.json": '{"timeouts": {"api": 30, "web": "60"}, "name": "json", "hosts": ["x"]}',
        "terraform.tfvars": 'name = "hcl"\n',
        "one.tfvars": 'hosts = ["one"]\nname = "one"\n',
        "two.tfvars.json": '{"name": "two"}',
    },
    var_files=("one.tfvars", "two.tfvars.json"),
)

TREES["optional attributes with defaults inside lists, maps and objects"] = ModuleTree(
    files={
        "main.tf": """
variable "services" {
  type = map(object({
    timeout = optional(number, 29)
    ports   = optional(list(object({ port = number, protocol = optional(string, "tcp") })), [{ port = 80 }])
    health  = optional(object({
      path     = optional(string, "/health")
      interval = optional(number, 30)
      codes    = optional(set(string), ["200"])
    }), {})
    tags = optional(map(string))
    env  = optional(map(object({ value = optional(string, "x") })), {})
  }))
}
resource "terraform_data" "service" {
  for_each = var.services
  input = {
    timeout  = each.value.timeout
    ports    = each.value.ports
    interval = each.value.health.interval
    path     = each.value.health.path
    codes    = each.value.health.codes
    tags     = each.value.tags == null ? "none" : join(",", [for k, v in each.value.tags : "${k}=${v}"])
    env      = each.value.env
  }
}
""",
        "terraform.tfvars": """
services = {
  web = {}
  api = {
    timeout = "45"
    ports   = [{ port = "8080" }, { port = 9090, protocol = "udp" }]
    health  = { interval = 5, codes = [200, 204, 200] }
    tags    = { team = "core", cost = 5 }
    env     = { A = {}, B = { value = 7 } }
  }
  worker = { timeout = null, health = { path = null }, env = { C = { value = null } } }
}
""",
    },
)

TREES["nullable = false, null inputs, and types that are any"] = ModuleTree(
    files={
        "main.tf": """
module "m" {
  source   = "./m"
  strict   = null
  loose    = null
  anything = { a = [1, "x"], b = null }
  untyped  = "60"
}
output "m" { value = module.m.all }
resource "terraform_data" "out" { input = module.m.all }
""",
        "m/main.tf": """
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
""",
    },
)

TREES["nested modules: inputs in, outputs back, values computed on the way"] = ModuleTree(
    files={
        "main.tf": """
locals { base = 30 }
module "service" {
  source          = "./modules/service"
  timeout_seconds = local.base * 2
  name            = "api"
}
resource "terraform_data" "gateway" {
  input = { timeout_ms = module.service.timeout * 1000, label = module.service.label, all = module.service.settings }
}
""",
        "modules/service/main.tf": """
variable "timeout_seconds" { type = number }
variable "name" { type = string }
module "regional" {
  source                  = "../regional"
  request_timeout_seconds = var.timeout_seconds + 5
  names                   = ["${var.name}-a", "${var.name}-b"]
}
resource "terraform_data" "service" { input = { timeout = "${var.timeout_seconds}s" } }
output "timeout" { value = module.regional.timeout }
output "label" { value = upper(module.regional.names[1]) }
output "settings" { value = merge(module.regional.settings, { own = terraform_data.service.input.timeout }) }
""",
        "modules/regional/main.tf": """
variable "request_timeout_seconds" { type = string }
variable "names" { type = set(string) }
resource "terraform_data" "run" { input = { timeout = "${var.request_timeout_seconds}s", path = path.module } }
output "timeout" { value = tonumber(var.request_timeout_seconds) }
output "names" { value = sort(var.names) }
output "settings" { value = { for n in var.names : n => var.request_timeout_seconds } }
""",
    },
)

TREES["modules with for_each over a map of objects and with count"] = ModuleTree(
    files={
        "main.tf": """
locals {
  functions = {
    ingest = { timeout = 60, memory = 512 }
    export = { timeout = 900 }
  }
}
module "function" {
  source   = "./function"
  for_each = local.functions
  name     = each.key
  timeout  = each.value.timeout
  memory   = try(each.value.memory, 128)
}
module "replica" {
  source  = "./function"
  count   = 2
  name    = "replica-${count.index}"
  timeout = 10 * (count.index + 1)
}
resource "terraform_data" "longest" {
  input = {
    max   = max([for f in module.function : f.timeout]...)
    names = [for k, f in module.function : "${k}:${f.full}"]
    one   = module.function["export"].timeout
    splat = module.replica[*].timeout
    last  = module.replica[1].full
  }
}
""",
        "function/main.tf": """
variable "name" {}
variable "timeout" { type = number }
variable "memory" {
  type    = number
  default = 256
}
resource "terraform_data" "this" { input = { timeout = var.timeout, memory = var.memory } }
output "timeout" { value = var.timeout }
output "full" { value = "${var.name}/${terraform_data.this.input.memory}" }
""",
    },
)

TREES["resources with count and for_each, referred to by index, key, splat and loops"] = ModuleTree(
    files={
        "main.tf": """
variable "zones" { default = ["a", "b", "c"] }
variable "enabled" { default = false }
resource "terraform_data" "zone" {
  count = length(var.zones)
  input = { name = var.zones[count.index], index = count.index }
}
resource "terraform_data" "optional" {
  count = var.enabled ? 1 : 0
  input = "there"
}
resource "terraform_data" "rule" {
  for_each = { for i, z in var.zones : z => i if z != "b" }
  input    = { priority = each.value * 10 + 1, key = each.key }
}
resource "terraform_data" "set" {
  for_each = toset(["y", "x", "y"])
  input    = "${each.key}=${each.value}"
}
resource "terraform_data" "uses" {
  input = {
    first    = terraform_data.zone[0].input.name
    all      = terraform_data.zone[*].input.index
    legacy   = terraform_data.zone.*.input.name
    rule     = terraform_data.rule["c"].input.priority
    rules    = { for k, r in terraform_data.rule : k => r.input.priority }
    optional = try(terraform_data.optional[0].input, "default")
    one      = one(terraform_data.optional[*].input) == null
    count    = length(terraform_data.optional)
    keys     = keys(terraform_data.rule)
    sets     = [for s in terraform_data.set : s.input]
  }
}
""",
    },
)

TREES["a value that is derived from another resource's argument"] = ModuleTree(
    files={
        "main.tf": """
locals {
  nginx_base_timeout    = 60
  timeout_multiplier    = 1.2
  deregistration_buffer = 10
  request_timeout       = ceil(local.nginx_base_timeout * local.timeout_multiplier)
  deregistration_delay  = local.request_timeout + local.deregistration_buffer
}
resource "terraform_data" "function" { input = { timeout = 10 * 60 } }
resource "terraform_data" "queue" {
  input = {
    visibility = terraform_data.function.input.timeout * 6
    grace      = local.deregistration_delay + 10
    deadline   = "${terraform_data.function.input.timeout + 60}s"
    text       = tostring(terraform_data.function.input.timeout)
  }
}
""",
    },
)

TREES["override files replace attributes, and local values one by one"] = ModuleTree(
    files={
        "main.tf": """
variable "idle" {
  type    = number
  default = 60
}
locals {
  a = "main"
  b = "main"
}
resource "terraform_data" "lb" { input = { idle = var.idle, a = local.a, b = local.b } }
resource "terraform_data" "kept" { input = "main" }
module "m" {
  source = "./m"
  value  = 1
}
""",
        "m/main.tf": 'variable "value" {}\nresource "terraform_data" "m" { input = var.value }\n',
        "override.tf": """
variable "idle" { default = 120 }
locals { b = "override" }
resource "terraform_data" "lb" { input = { idle = var.idle * 2, a = local.a, b = local.b } }
module "m" { value = 2 }
""",
        "z_override.tf": 'module "m" { value = 3 }\n',
    },
)

TREES["Terraform's JSON syntax, beside the native one"] = ModuleTree(
    files={
        "variables.tf.json": """
{
  "variable": {
    "env": { "type": "string", "default": "prod" },
    "sizes": { "type": "list(number)", "default": [1, 2, 3] },
    "services": { "type": "map(object({ timeout = optional(number, 29) }))", "default": { "a": {}, "b": { "timeout": 5 } } }
  },
  "locals": { "timeout": "${var.env == \\"prod\\" ? 60 : 30}", "label": "svc-${var.env}", "list": ["${var.sizes[0]}", "x"] }
}
""",
        "main.tf.json": """
{
  "resource": {
    "terraform_data": {
      "json": { "input": { "t": "${local.timeout * 2}", "label": "${local.label}", "literal": 5, "list": "${local.list}" } },
      "each": { "for_each": "${var.services}", "input": "${each.value.timeout}" }
    }
  },
  "module": { "m": { "source": "./m", "n": "${local.timeout}" } }
}
""",
        "m/main.tf": """
variable "n" { type = number }
resource "terraform_data" "m" { input = var.n + 1 }
""",
        "native.tf": 'resource "terraform_data" "native" { input = terraform_data.json.input.t + local.timeout }\n',
    },
)

TREES["a workspace picks the environment from a map"] = ModuleTree(
    files={
        "main.tf": """
variable "environments" {
  type = map(object({ timeout = number, replicas = optional(number, 1) }))
}
locals {
  name        = lower(replace(terraform.workspace, "_", "-"))
  environment = contains(keys(var.environments), local.name) ? var.environments[local.name] : var.environments["default"]
}
resource "terraform_data" "service" {
  input = { name = local.name, timeout = local.environment.timeout, replicas = local.environment.replicas }
}
""",
        "terraform.tfvars.json": '{"environments": {"default": {"timeout": 10}, "prod-eu": {"timeout": 60, "replicas": 3}}}',
    },
    workspace="PROD_eu",
)

TREES["files of the module: file, templatefile, jsondecode, yamldecode, path"] = ModuleTree(
    files={
        "main.tf": """
locals {
  config  = jsondecode(file("${path.module}/config/app.json"))
  values  = yamldecode(file("config/values.yaml"))
  unit    = templatefile("${path.module}/templates/unit.tftpl", { name = "api", ports = [80, 443], timeout = local.config.timeout })
  encoded = templatefile("templates/task.json.tftpl", { timeout = 30, image = "repo/api:1" })
}
module "child" { source = "./child" }
resource "terraform_data" "files" {
  input = {
    timeout  = local.config.timeout
    nested   = local.values.services[1].timeout
    unit     = local.unit
    task     = jsondecode(local.encoded)[0].stopTimeout
    exists   = fileexists("config/app.json")
    child    = module.child.text
    root     = path.root
    lines    = split("\\n", trimspace(file("config/list.txt")))
    fallback = try(local.config.missing, 7)
  }
}
""",
        "config/app.json": '{"timeout": 45, "hosts": ["a", "b"]}',
        "config/values.yaml": "services:\n  - name: web\n    timeout: 10\n  - name: api\n    timeout: 20\n",
        "config/list.txt": "one\ntwo\n",
        "templates/unit.tftpl": "[Service]\nName=${name}\n%{ for port in ports ~}\nPort=${port}\n%{ endfor ~}\nTimeout=${timeout * 2}\n",
        "templates/task.json.tftpl": '[{"image": "${image}", "stopTimeout": ${timeout * 2}, "env": ${jsonencode([{ name = "T", value = tostring(timeout) }])}}]',
        "child/main.tf": 'output "text" { value = "${path.module}:${trimspace(file("${path.module}/text.txt"))}" }\n',
        "child/text.txt": "in the child\n",
    },
)

TREES["conditionals with branches of different types, as inputs"] = ModuleTree(
    files={
        "main.tf": """
variable "env" { default = "prod" }
variable "custom" {
  type    = number
  default = null
}
locals {
  quoted = var.env == "prod" ? "60" : 30
  number = var.env == "dev" ? 10 : 20
  object = var.env == "prod" ? { timeout = 60, name = "x" } : {}
  list   = var.env == "prod" ? [1, "a"] : []
  tags   = merge({ env = var.env }, var.custom == null ? {} : { custom = tostring(var.custom) })
}
resource "terraform_data" "typed" {
  input = {
    quoted = local.quoted
    number = local.number
    object = local.object
    list   = local.list
    tags   = local.tags
    equal  = local.quoted == 60
    pick   = coalesce(var.custom, local.quoted)
    null   = var.custom == null ? 5 : var.custom
  }
}
module "m" {
  source  = "./m"
  timeout = local.quoted
  tags    = local.object
}
""",
        "m/main.tf": """
variable "timeout" { type = number }
variable "tags" { type = map(string) }
resource "terraform_data" "m" { input = { t = var.timeout, tags = var.tags } }
""",
    },
)

TREES["locals that loop, group, flatten and join by key"] = ModuleTree(
    files={
        "main.tf": """
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
""",
    },
)

TREES["inputs are converted to the types of the variables"] = ModuleTree(
    files={
        "main.tf": """
module "m" {
  source  = "./m"
  text    = 5
  number  = "5.50"
  flag    = "true"
  list    = ["1", 2]
  set     = ["b", "a", "b"]
  map     = { a = 1, b = true }
  tuple   = ["1", 2]
  object  = { name = 7, extra = "dropped", nested = { n = "3" } }
  objects = [{ t = "1" }, { t = 2, u = "x" }]
}
""",
        "m/main.tf": """
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
""",
    },
)

TREES["heredocs, directives and encoded container definitions"] = ModuleTree(
    files={
        "main.tf": """
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
""",
    },
)

TREES["try, can and lookup through optional parts of untyped settings"] = ModuleTree(
    files={
        "main.tf": """
variable "settings" { default = { api = { lb = { timeout = 30 } }, web = { lb = null }, batch = {} } }
resource "terraform_data" "s" {
  for_each = var.settings
  input = {
    timeout = try(each.value.lb.timeout, 60)
    has     = can(each.value.lb.timeout)
    lookup  = lookup(each.value, "lb", null) == null
    deep    = try(each.value.lb.health.interval, each.value.lb.timeout * 2, "none")
    number  = try(tonumber(each.value.lb.timeout), tonumber("15"))
  }
}
""",
    },
)

TREES["modules four levels deep, each adding to what it is given"] = ModuleTree(
    files={
        "main.tf": 'module "a" {\n  source = "./a"\n  n      = 1\n}\nresource "terraform_data" "top" { input = module.a.n }\n',
        "a/main.tf": 'variable "n" {}\nmodule "b" {\n  source = "./b"\n  n      = var.n * 2 + 1\n}\noutput "n" { value = module.b.n }\n',
        "a/b/main.tf": 'variable "n" {}\nmodule "c" {\n  source   = "../../shared"\n  for_each = toset(["x", "y"])\n  n        = "${each.key}${var.n}"\n}\noutput "n" { value = [for m in module.c : m.n] }\n',
        "shared/main.tf": 'variable "n" { type = string }\nresource "terraform_data" "it" { input = "${path.module}:${var.n}" }\noutput "n" { value = upper(var.n) }\n',
    },
)

TREES["files that are symbolic links to shared ones"] = ModuleTree(
    files={
        "main.tf": 'resource "terraform_data" "t" { input = { common = var.common, local = local.shared } }\n',
        "shared/variables-common.tf": 'variable "common" { default = 42 }\n',
        "shared/locals.tf": "locals { shared = var.common + 1 }\n",
    },
    links={"variables-common.tf": "shared/variables-common.tf", "locals.tf": "shared/locals.tf"},
)

TREES["count that follows from other modules' outputs"] = ModuleTree(
    files={
        "main.tf": """
module "names" {
  source = "./names"
  prefix = "svc"
}
resource "terraform_data" "each" {
  for_each = module.names.map
  input    = { key = each.key, timeout = each.value.timeout }
}
resource "terraform_data" "count" {
  count = length(module.names.list)
  input = module.names.list[count.index]
}
module "inner" {
  source   = "./inner"
  for_each = { for k, v in module.names.map : k => v if v.timeout > 10 }
  settings = each.value
}
""",
        "names/main.tf": """
variable "prefix" {}
locals { timeouts = [10, 20, 30] }
output "list" { value = [for t in local.timeouts : "${var.prefix}-${t}"] }
output "map" { value = { for i, t in local.timeouts : "${var.prefix}${i}" => { timeout = t, last = i == length(local.timeouts) - 1 } } }
""",
        "inner/main.tf": """
variable "settings" { type = object({ timeout = number, last = bool }) }
resource "terraform_data" "inner" { input = var.settings.last ? var.settings.timeout * 100 : var.settings.timeout }
""",
    },
)

TREES["types: sets of objects, maps of lists, tuples in outputs"] = ModuleTree(
    files={
        "main.tf": """
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
""",
    },
)

TREES["regular expressions pull numbers and hosts out of texts"] = ModuleTree(
    files={
        "main.tf": """
variable "duration" { default = "PT1M30S" }
variable "endpoint" { default = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/" }
locals {
  parts   = regex("^PT(?:(?P<minutes>\\\\d+)M)?(?:(?P<seconds>\\\\d+)S)?$", var.duration)
  seconds = tonumber(local.parts.minutes) * 60 + tonumber(local.parts.seconds)
  host    = replace(var.endpoint, "/^https?:\\\\/\\\\/([^\\\\/]*).*/", "$1")
  region  = regex("execute-api\\\\.([a-z0-9-]+)\\\\.", var.endpoint)[0]
}
resource "terraform_data" "regex" {
  input = { seconds = local.seconds, host = local.host, region = local.region, digits = regexall("[0-9]+", var.endpoint) }
}
""",
    },
)

TREES["a wrapper that passes whole objects and lists of objects through"] = ModuleTree(
    files={
        "main.tf": """
module "wrapper" {
  source   = "./wrapper"
  defaults = { timeout = 30, retries = 2 }
  items = {
    one = { timeout = 60 }
    two = {}
  }
}
""",
        "wrapper/main.tf": """
variable "defaults" { default = {} }
variable "items" { default = {} }
module "wrapped" {
  source   = "../item"
  for_each = var.items
  timeout  = try(each.value.timeout, var.defaults.timeout, 5)
  retries  = try(each.value.retries, var.defaults.retries, null)
  label    = try(each.value.label, var.defaults.label, null)
}
output "wrapped" { value = module.wrapped }
resource "terraform_data" "sum" { input = { for k, m in module.wrapped : k => m.total } }
""",
        "item/main.tf": """
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
""",
    },
)
