from .settings import *  # noqa: F403

# A task that nobody acknowledged is handed out again after 5 minutes.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60 * 5}
CELERY_TASK_REJECT_ON_WORKER_LOST = True
