terraform {
  source = "../../../modules//queue"
}

inputs = {
  visibility = 1800
}
