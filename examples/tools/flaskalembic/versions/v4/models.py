"""What is kept in the database."""

from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Widget(db.Model):
    __tablename__ = "widgets"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Text, nullable=False)
    price_cents = db.Column(db.Integer, nullable=False, server_default="0")
    stock_id = db.Column(db.Integer)


class Stock(db.Model):
    __tablename__ = "stock"
    id = db.Column(db.Integer, primary_key=True)
    pieces = db.Column(db.Integer)
