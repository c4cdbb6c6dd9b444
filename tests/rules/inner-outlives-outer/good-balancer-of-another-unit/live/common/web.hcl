dependency "balancer" {
  config_path = "${get_terragrunt_dir()}/../balancer"
}

inputs = {
  listener_arn = dependency.balancer.outputs.listener_arn
}
