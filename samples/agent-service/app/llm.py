"""The language model."""

import httpx
from openai import AsyncOpenAI, OpenAI

from app.settings import settings

client = AsyncOpenAI(timeout=httpx.Timeout(settings.llm_timeout, connect=2.0))
batch_client = OpenAI(timeout=25.0)


async def complete(prompt: str) -> str:
    answer = await client.chat.completions.create(
        model="gpt-4.1-mini", messages=[{"role": "user", "content": prompt}]
    )
    return answer.choices[0].message.content or ""
