terraform {
  source = "../../../modules//jobs"
}

dependency "settings" {
  config_path = "../settings"

  mock_outputs = {
    visibility = 5
  }
}

inputs = {
  visibility = dependency.settings.outputs.visibility
}
