terraform {
  source = "../../../modules//balancer"
}
