terraform {
  source = "../../../modules//api"
}

inputs = {
  timeout = 40
}
