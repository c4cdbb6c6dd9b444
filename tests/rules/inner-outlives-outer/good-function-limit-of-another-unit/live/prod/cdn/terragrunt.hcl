terraform {
  source = "../../../modules//cdn"
}

dependency "api" {
  config_path = "${get_terragrunt_dir()}/../api"
}

inputs = {
  address          = dependency.api.outputs.address
  function_timeout = dependency.api.outputs.timeout
}
