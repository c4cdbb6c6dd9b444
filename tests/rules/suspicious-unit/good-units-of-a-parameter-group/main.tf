resource "aws_rds_cluster_parameter_group" "shop" {
  name   = "shop"
  family = "aurora-mysql8.0"

  parameter {
    name  = "max_execution_time"
    value = 30000
  }
  parameter {
    name  = "innodb_lock_wait_timeout"
    value = 20
  }
}

resource "aws_db_parameter_group" "reports" {
  name   = "reports"
  family = "postgres16"

  dynamic "parameter" {
    for_each = { statement_timeout = "0", deadlock_timeout = "50", log_min_duration_statement = "30" }
    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}
