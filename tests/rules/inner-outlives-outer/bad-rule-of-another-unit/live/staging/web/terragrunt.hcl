include "common" {
  path = "${get_terragrunt_dir()}/../../common/web.hcl"
}

terraform {
  source = "../../../modules//web"
}
