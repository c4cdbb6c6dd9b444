from apps.chat.export import write_export
from celery import shared_task


@shared_task
def export_sessions(team: int) -> None:
    write_export(team)
