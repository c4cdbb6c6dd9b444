from openai import OpenAI

client = OpenAI(timeout=5, max_retries=0)


class Processor:
    async def process(self, text):
        return client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])
