resource "aws_ecs_service" "assistant" {
  name            = "assistant"
  task_definition = aws_ecs_task_definition.assistant.arn

  service_connect_configuration {
    enabled = true
    service {
      port_name = "http"
      client_alias {
        port     = 8000
        dns_name = "assistant"
      }
    }
  }
}

resource "aws_ecs_task_definition" "assistant" {
  family = "assistant"
  container_definitions = jsonencode([{
    name  = "assistant"
    image = "${var.registry}/assistant"
    portMappings = [{
      name          = "http"
      containerPort = 8000
      appProtocol   = "http"
    }]
  }])
}

variable "registry" {}
