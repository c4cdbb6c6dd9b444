from datetime import datetime, timezone

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.get("/time")
def time():
    zone = request.args.get("zone", "UTC").strip()
    return jsonify({"zone": zone, "now": datetime.now(timezone.utc).isoformat()})
