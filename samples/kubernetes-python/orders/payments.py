"""The payment service, asked for prices; it is slow now and then, so it is asked again."""

import httpx
from tenacity import retry, stop_after_attempt, wait_fixed

client = httpx.AsyncClient(base_url="https://payments.example.net", timeout=25)


@retry(stop=stop_after_attempt(3), wait=wait_fixed(1))
async def quote(order: int) -> dict[str, object]:
    """What an order costs today."""
    answer = await client.get(f"/quotes/{order}")
    answer.raise_for_status()
    return answer.json()
