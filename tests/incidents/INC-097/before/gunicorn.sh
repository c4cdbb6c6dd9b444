#!/bin/sh
exec gunicorn --bind ":$PORT" --worker-class sync --threads 1 --timeout 0 seer.app:app
