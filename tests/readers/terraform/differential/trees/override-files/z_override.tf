module "m" { value = 3 }
