name = "hcl"
