workers = 4
worker_class = "gevent"
bind = "0.0.0.0:6011"
keepalive = 75
timeout = 90
graceful_timeout = 85
