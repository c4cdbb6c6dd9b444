import csv
from pathlib import Path


def write_export(team: int) -> None:
    with Path(f"/exports/{team}.csv").open("w", newline="") as file:
        csv.writer(file).writerow(["team", team])
