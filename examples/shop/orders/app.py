"""Orders with their lines, their prices and what is in stock. Flask: gunicorn app:app"""

from flask import Flask, abort

import orders
from regressions import REGRESSIONS, chosen

app = Flask(__name__)
parts = {"lines_of": orders.lines_of, "price": orders.price}
for name in chosen():
    parts.update(REGRESSIONS[name])


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


@app.get("/orders/<int:number>")
def order(number):
    found = orders.find(number)
    if found is None:
        abort(404)
    lines = parts["lines_of"](number)
    stock = orders.stock_of([line["sku"] for line in lines])
    with orders.tracer.start_as_current_span("price order"):
        total = parts["price"](lines)
    return {**found, "total_cents": total, "lines": [{**line, "inStock": stock[line["sku"]]} for line in lines]}
