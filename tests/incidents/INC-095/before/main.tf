resource "aws_lambda_function" "report" {
  function_name = "report"
  handler       = "report.handler"
  runtime       = "python3.12"
  role          = aws_iam_role.functions.arn
  filename      = "functions.zip"
  timeout       = 300
}

resource "aws_lambda_function" "nightly" {
  function_name = "nightly"
  handler       = "nightly.handler"
  runtime       = "python3.12"
  role          = aws_iam_role.functions.arn
  filename      = "functions.zip"
  timeout       = 900

  environment {
    variables = {
      REPORT_FUNCTION = aws_lambda_function.report.function_name
    }
  }
}
