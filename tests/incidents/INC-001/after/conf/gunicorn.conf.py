bind = "unix:/tmp/gunicorn-web.sock"
worker_tmp_dir = "/dev/shm"
