"""Orders of the shop."""

from fastapi import FastAPI

from orders.payments import quote

app = FastAPI()


@app.post("/orders/{order}/quote")
async def quoted(order: int) -> dict[str, object]:
    """An order with its price."""
    return {"order": order, "quote": await quote(order)}


@app.get("/orders/{order}")
async def show(order: int) -> dict[str, object]:
    """An order as it was placed."""
    return {"order": order}
