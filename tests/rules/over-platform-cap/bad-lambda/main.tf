resource "aws_lambda_function" "import" {
  function_name = "import"
  timeout       = 30 * 60 # half an hour
}
