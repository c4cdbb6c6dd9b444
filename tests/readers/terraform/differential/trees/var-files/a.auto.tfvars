c = "a.auto"
d = "a.auto"
