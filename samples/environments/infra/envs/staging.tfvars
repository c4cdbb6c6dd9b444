environment       = "staging"
idle_timeout      = 30
vpc_id            = "vpc-0f1e2d3c4b5a69788"
public_subnet_ids = ["subnet-00112233445566778"]
