terraform {
  source = "../../../modules//settings"
}
