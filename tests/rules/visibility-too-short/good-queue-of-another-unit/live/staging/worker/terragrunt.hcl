terraform {
  source = "../../../modules//worker"
}

dependency "queue" {
  config_path = "../queue"

  mock_outputs = {
    jobs_arn = ""
  }
}

inputs = {
  jobs_arn = dependency.queue.outputs.jobs_arn
  timeout  = 10
}
