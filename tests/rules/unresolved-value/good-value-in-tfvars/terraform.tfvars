idle = 60
