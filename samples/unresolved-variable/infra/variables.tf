variable "alb_idle_timeout" {
  type        = number
  description = "Set per workspace by the pipeline."
}

variable "subnet_ids" {
  type = list(string)
}

variable "vpc_id" {
  type = string
}
