resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_service" "nginx" {
  name            = "assistant-nginx"
  cluster         = aws_ecs_cluster.main.id
  task_definition = "assistant-nginx"
  desired_count   = 2
  launch_type     = "FARGATE"

  network_configuration {
    subnets = data.aws_subnets.public.ids
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.nginx.arn
    container_name   = "nginx"
    container_port   = 80
  }
}
