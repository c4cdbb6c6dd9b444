"""What the agent may use."""

import httpx
from tenacity import retry, stop_after_attempt, wait_fixed

from app.settings import settings


@retry(stop=stop_after_attempt(settings.search_attempts), wait=wait_fixed(2))
async def search(query: str) -> list[str]:
    async with httpx.AsyncClient(timeout=8.0) as client:
        response = await client.get(settings.search_url, params={"q": query})
        response.raise_for_status()
        return response.json()["results"]
