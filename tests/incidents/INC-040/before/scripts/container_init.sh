#!/bin/bash
set -e
exec gunicorn --worker-class gevent --workers 8 --bind 0.0.0.0:5000 backend.api.app:app --timeout 60
