from celery import Celery

app = Celery("shop", broker="redis://broker:6379/0")
app.conf.task_time_limit = 600


@app.task
def mail(order: int) -> None: ...


@app.task(acks_late=True, time_limit=2 * 60 * 60)
def report(month: str) -> None: ...
