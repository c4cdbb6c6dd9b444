module "wrapper" {
  source   = "./wrapper"
  defaults = { timeout = 30, retries = 2 }
  items = {
    one = { timeout = 60 }
    two = {}
  }
}
