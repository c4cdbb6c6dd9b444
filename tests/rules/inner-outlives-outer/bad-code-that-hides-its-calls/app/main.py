from flask import Flask, jsonify

from reports import warehouse

app = Flask(__name__)


@app.get("/report")
def report():
    return jsonify(warehouse.build("monthly"))
