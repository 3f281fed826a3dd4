"""A page that answers with the application's version, as soon as the widgets can be read."""

import os

import sqlalchemy as sa
from flask import Flask
from flask_alembic import Alembic

from models import Widget, db

app = Flask(__name__)
url = sa.make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
app.config["SQLALCHEMY_DATABASE_URI"] = url
db.init_app(app)
Alembic(app)


@app.get("/")
def index():
    widgets = db.session.query(Widget).where(Widget.price_cents >= 0).count()
    return {"version": os.environ["APP_VERSION"], "widgets": widgets}
