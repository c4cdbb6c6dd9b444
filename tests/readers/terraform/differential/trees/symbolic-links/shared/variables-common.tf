variable "common" { default = 42 }
