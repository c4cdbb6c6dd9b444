module "queue" {
  source = "./modules/queue"
}

module "function" {
  source = "./modules/function"
}

module "trigger" {
  source        = "./modules/trigger"
  queue_arn     = module.queue.arn
  function_name = module.function.arn
}
