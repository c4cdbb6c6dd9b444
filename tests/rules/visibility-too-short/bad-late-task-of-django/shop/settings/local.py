from shop.settings.base import *

CELERY_TASK_TIME_LIMIT = 300
