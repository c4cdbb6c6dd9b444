resource "aws_db_parameter_group" "app" {
  name   = "app"
  family = "postgres16"

  parameter {
    name  = "statement_timeout"
    value = "30"
  }
  parameter {
    name  = "lock_timeout"
    value = "5000"
  }
}
