from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy as _SQLAlchemy
from sqlalchemy import text


class SQLAlchemy(_SQLAlchemy):
    """The driver's options that the settings cannot hold."""

    def apply_driver_hacks(self, app, info, options):
        options.setdefault("connect_args", {})
        options["connect_args"]["application_name"] = "api"
        options["connect_args"]["options"] = "-c statement_timeout=1200000"
        super().apply_driver_hacks(app, info, options)


db = SQLAlchemy()


def create_app():
    app = Flask("api")
    app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql://db.example.org/api"
    db.init_app(app)

    @app.route("/statistics")
    def statistics():
        rows = db.session.execute(text("select status, count(*) from notifications group by status"))
        return jsonify({row.status: row.count for row in rows})

    return app
