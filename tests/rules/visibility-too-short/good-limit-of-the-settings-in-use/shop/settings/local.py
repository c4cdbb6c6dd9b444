from shop.settings.base import *

CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60}
