import multiprocessing
import os

bind = "0.0.0.0:8000"
workers = multiprocessing.cpu_count()
worker_class = "gthread"
threads = 8

on_aws = os.environ.get("NOTIFY_ENVIRONMENT", "") in ("production", "staging")
