hosts = ["one"]
name = "one"
