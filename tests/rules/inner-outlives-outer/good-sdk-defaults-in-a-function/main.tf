data "archive_file" "notify" {
  type        = "zip"
  source_dir  = "${path.module}/functions/notify"
  output_path = "${path.module}/notify.zip"
}

resource "aws_lambda_function" "notify" {
  function_name = "notify"
  runtime       = "python3.12"
  handler       = "main.handler"
  filename      = data.archive_file.notify.output_path
  timeout       = 30
}
