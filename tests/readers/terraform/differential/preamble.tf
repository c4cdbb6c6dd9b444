# What the expressions of the cases refer to: variables and local values as real configurations have them.

variable "env" {
  type    = string
  default = "production"
}

variable "timeout" {
  type    = number
  default = 60 * 15
}

variable "idle_timeout_seconds" {
  type    = number
  default = null
}

variable "config" {
  type = object({
    name           = string
    lambda_timeout = optional(number, 30)
    batch          = optional(number)
    tags           = optional(map(string), {})
    health = optional(object({
      path     = optional(string, "/health")
      interval = optional(number, 30)
      codes    = optional(list(number), [200, 204])
    }), {})
  })
  default = { name = "api", tags = { team = "core", cost = 5 } }
}

variable "services" {
  type = map(object({
    timeout = optional(number, 29)
    port    = optional(string, "8080")
    paths   = optional(list(string), ["/*"])
    retry   = optional(object({ attempts = optional(number, 3), backoff = optional(string, "1s") }))
  }))
  default = {
    web    = { timeout = "45", paths = ["/", "/static/*"] }
    api    = { retry = { attempts = 2 } }
    worker = { port = 9090, retry = {} }
  }
}

variable "settings" {
  type = object({
    reuse   = optional(object({ use = optional(bool, true), from = optional(object({ name = string, number = number })) }))
    limits  = optional(map(number))
    names   = optional(list(string))
    retries = optional(number)
  })
  default = {}
}

variable "hosts" {
  type    = set(string)
  default = ["b.example.com", "a.example.com", "b.example.com"]
}

variable "subnets" {
  type    = list(string)
  default = ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
}

variable "listeners" {
  type    = any
  default = { https = { port = 443, rules = [{ priority = 1, path = "/a" }, { priority = 2 }] }, http = { port = 80 } }
}

variable "pair" {
  type    = tuple([string, number, bool])
  default = [1, "2", "true"]
}

locals {
  n       = 30
  zero    = 0
  ratio   = 1.5
  key     = "dyn"
  name    = "my-service_v2"
  url     = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/"
  seconds = "30s"
  empty   = ""
  none    = null
  flags   = { on = true, off = false }
  cfg     = { timeout = 45, list = [10, 20], none = null, nested = { deep = { value = "x" } } }
  objs = [
    { name = "a", t = 5, on = true },
    { name = "b", t = 7, on = false },
    { name = "c", t = 6 },
  ]
  byenv   = { prod = 60, staging = 30, dev = 10 }
  words   = ["delta", "alpha", "charlie", "alpha", "bravo"]
  numbers = [5, 1, 4, 2.5, 3]
  matrix  = [[1, 2], [3], []]
  users = [
    { name = "ann", team = "red", roles = ["dev", "ops"] },
    { name = "bob", team = "blue", roles = [] },
    { name = "cy", team = "red", roles = ["ops"] },
  ]
  typed_list      = tolist(["x", "y"])
  typed_set       = toset(["x", "y"])
  typed_map       = tomap({ a = 1, b = 2 })
  derived         = local.n * 2 + local.cfg.timeout
  base_timeout    = 60
  timeout_factor  = 1.2
  request_timeout = ceil(local.base_timeout * local.timeout_factor)
  deregistration  = local.request_timeout + 10
  grace_period    = local.deregistration + 10
  json_text       = "{\"a\": {\"b\": [1, 2.5, null, true]}, \"c\": \"d\"}"
  yaml_text       = <<-EOT
    service: api
    timeout: 30
    enabled: yes
    ratio: 0.75
    tags: [a, b]
    nested:
      - name: one
        value: 1
      - name: two
        value: ~
    quoted: "60"
    date: 2024-01-31
    octal: 010
    block: |
      first
      second
  EOT
}
