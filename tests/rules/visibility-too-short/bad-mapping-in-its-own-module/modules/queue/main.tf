resource "aws_sqs_queue" "findings" {
  name                       = "findings"
  visibility_timeout_seconds = 60
}

output "arn" {
  value = element(concat(aws_sqs_queue.findings.*.arn, [""]), 0)
}
