terraform {
  source = "../../../modules//balancer"
}

inputs = {
  idle_timeout = 180
}
