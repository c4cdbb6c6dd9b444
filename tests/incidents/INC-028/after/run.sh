#!/bin/sh
set -e
python manage.py migrate --noinput
exec gunicorn main.wsgi:application --name api --bind 0.0.0.0:8001 --workers 4 --timeout 120
