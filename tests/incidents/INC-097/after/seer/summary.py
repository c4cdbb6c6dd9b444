import openai

client = openai.Client(max_retries=4)


def summarize(issue):
    answer = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": issue}],
        timeout=7.0,
    )
    return answer.choices[0].message.content
