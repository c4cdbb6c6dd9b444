from flask import Flask, request

from seer.summary import summarize

app = Flask(__name__)


@app.post("/v1/automation/summarize/issue")
def summarize_issue():
    return {"text": summarize(request.json["issue"])}
