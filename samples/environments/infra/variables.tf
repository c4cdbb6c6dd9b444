variable "environment" {
  type = string
}

variable "idle_timeout" {
  type        = number
  description = "Seconds without a byte after which the load balancer closes a connection."
}

variable "vpc_id" {
  type = string
}

variable "public_subnet_ids" {
  type = list(string)
}
