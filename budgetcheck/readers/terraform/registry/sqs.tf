# terraform-aws-modules/sqs/aws. From version 4 on the module makes the dead-letter queue, too.
# https://github.com/terraform-aws-modules/terraform-aws-sqs (v3.4, v4.3, v5.2)

variable "create" { default = true }
variable "name" { default = null }
variable "visibility_timeout_seconds" { default = null }
variable "redrive_policy" { default = null }
variable "redrive_allow_policy" { default = null }
variable "create_dlq" { default = false }
variable "dlq_name" { default = null }
variable "dlq_visibility_timeout_seconds" { default = null }

resource "aws_sqs_queue" "this" {
  count                      = var.create ? 1 : 0
  name                       = var.name
  visibility_timeout_seconds = var.visibility_timeout_seconds
  redrive_allow_policy       = try(jsonencode(var.redrive_allow_policy), null)
}

resource "aws_sqs_queue_redrive_policy" "this" {
  count          = var.create && (var.create_dlq || var.redrive_policy != null) ? 1 : 0
  queue_url      = aws_sqs_queue.this[0].url
  redrive_policy = var.create_dlq ? jsonencode({ deadLetterTargetArn = aws_sqs_queue.dlq[0].arn }) : jsonencode(var.redrive_policy)
}

resource "aws_sqs_queue" "dlq" {
  count                      = var.create && var.create_dlq ? 1 : 0
  name                       = var.dlq_name
  visibility_timeout_seconds = try(coalesce(var.dlq_visibility_timeout_seconds, var.visibility_timeout_seconds), null)
}

output "queue_id" { value = aws_sqs_queue.this[0].id }
output "queue_arn" { value = aws_sqs_queue.this[0].arn }
output "queue_arn_static" { value = aws_sqs_queue.this[0].arn }
output "queue_url" { value = aws_sqs_queue.this[0].url }
output "queue_name" { value = aws_sqs_queue.this[0].name }
output "dead_letter_queue_id" { value = aws_sqs_queue.dlq[0].id }
output "dead_letter_queue_arn" { value = aws_sqs_queue.dlq[0].arn }
output "dead_letter_queue_arn_static" { value = aws_sqs_queue.dlq[0].arn }
output "dead_letter_queue_url" { value = aws_sqs_queue.dlq[0].url }
output "dead_letter_queue_name" { value = aws_sqs_queue.dlq[0].name }
output "sqs_queue_id" { value = aws_sqs_queue.this[0].id }
output "sqs_queue_arn" { value = aws_sqs_queue.this[0].arn }
output "sqs_queue_name" { value = aws_sqs_queue.this[0].name }
output "this_sqs_queue_id" { value = aws_sqs_queue.this[0].id }
output "this_sqs_queue_arn" { value = aws_sqs_queue.this[0].arn }
output "this_sqs_queue_name" { value = aws_sqs_queue.this[0].name }
