terraform {
  source = "../../../modules//queue"
}

inputs = {
  visibility = 60
}
