bind = "0.0.0.0:5000"
workers = 4
worker_class = "sync"
timeout = 180
keepalive = 70
