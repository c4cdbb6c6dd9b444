services = {
  web = {}
  api = {
    timeout = "45"
    ports   = [{ port = "8080" }, { port = 9090, protocol = "udp" }]
    health  = { interval = 5, codes = [200, 204, 200] }
    tags    = { team = "core", cost = 5 }
    env     = { A = {}, B = { value = 7 } }
  }
  worker = { timeout = null, health = { path = null }, env = { C = { value = null } } }
}
