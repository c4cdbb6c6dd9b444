from fastapi import APIRouter
from openai import AsyncOpenAI

router = APIRouter()
model = AsyncOpenAI()


@router.post("/cost/runtime-sessions/{session_id}/optimizations")
async def optimizations(session_id: str) -> dict[str, str]:
    answer = await model.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": f"How could session {session_id} cost less?"}],
    )
    return {"text": answer.choices[0].message.content or ""}
