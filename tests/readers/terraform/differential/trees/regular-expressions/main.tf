variable "duration" { default = "PT1M30S" }
variable "endpoint" { default = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/" }
locals {
  parts   = regex("^PT(?:(?P<minutes>\\d+)M)?(?:(?P<seconds>\\d+)S)?$", var.duration)
  seconds = tonumber(local.parts.minutes) * 60 + tonumber(local.parts.seconds)
  host    = replace(var.endpoint, "/^https?:\\/\\/([^\\/]*).*/", "$1")
  region  = regex("execute-api\\.([a-z0-9-]+)\\.", var.endpoint)[0]
}
resource "terraform_data" "regex" {
  input = { seconds = local.seconds, host = local.host, region = local.region, digits = regexall("[0-9]+", var.endpoint) }
}
