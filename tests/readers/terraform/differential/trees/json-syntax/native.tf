resource "terraform_data" "native" { input = terraform_data.json.input.t + local.timeout }
