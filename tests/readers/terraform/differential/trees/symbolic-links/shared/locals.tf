locals { shared = var.common + 1 }
