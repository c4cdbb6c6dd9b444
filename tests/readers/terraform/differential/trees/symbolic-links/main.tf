resource "terraform_data" "t" { input = { common = var.common, local = local.shared } }
