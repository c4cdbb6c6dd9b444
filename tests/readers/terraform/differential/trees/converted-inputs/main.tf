module "m" {
  source  = "./m"
  text    = 5
  number  = "5.50"
  flag    = "true"
  list    = ["1", 2]
  set     = ["b", "a", "b"]
  map     = { a = 1, b = true }
  tuple   = ["1", 2]
  object  = { name = 7, extra = "dropped", nested = { n = "3" } }
  objects = [{ t = "1" }, { t = 2, u = "x" }]
}
