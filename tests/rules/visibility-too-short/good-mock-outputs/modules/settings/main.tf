data "aws_ssm_parameter" "visibility" {
  name = "/jobs/visibility"
}

output "visibility" {
  value = data.aws_ssm_parameter.visibility.value
}
