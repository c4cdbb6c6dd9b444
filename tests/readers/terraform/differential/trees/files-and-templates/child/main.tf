output "text" { value = "${path.module}:${trimspace(file("${path.module}/text.txt"))}" }
