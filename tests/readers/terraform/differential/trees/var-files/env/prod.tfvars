d = "prod"
