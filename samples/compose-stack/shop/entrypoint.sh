#!/bin/sh
set -e

: "${GUNICORN_TIMEOUT:=30}"

case "$1" in
  web)
    python manage.py migrate
    exec gunicorn shop.wsgi:application \
      --bind 0.0.0.0:8000 \
      --graceful-timeout 100 \
      --timeout "$GUNICORN_TIMEOUT"
    ;;
  *)
    exec "$@"
    ;;
esac
