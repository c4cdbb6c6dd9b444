from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/talk")
async def talk(socket: WebSocket):
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)
