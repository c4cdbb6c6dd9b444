#!/bin/sh
LIMIT=${TASK_LIMIT:-1800}
exec celery --app=shop.celery worker \
  --soft-time-limit "$LIMIT" \
  --time-limit "$LIMIT"
