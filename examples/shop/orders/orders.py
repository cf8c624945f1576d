"""What an order is made of: rows of PostgreSQL, the answer of the inventory, and arithmetic."""

import json
import os
import threading

import psycopg
import requests
from opentelemetry import trace
from psycopg.rows import dict_row

tracer = trace.get_tracer("orders")
DATABASE_URL = os.environ["DATABASE_URL"]
INVENTORY_URL = os.environ["INVENTORY_URL"]

_thread = threading.local()


def find(number):
    rows = query("SELECT id, status FROM orders WHERE id = %s", number)
    return rows[0] if rows else None


def lines_of(number):
    """All lines of an order with the names of their products, by one query."""
    return query(
        "SELECT l.sku, p.name, l.quantity, l.unit_price_cents AS cents"
        " FROM order_lines l JOIN products p ON p.sku = l.sku WHERE l.order_id = %s ORDER BY l.id",
        number,
    )


def stock_of(skus):
    """What is there of each, by one request."""
    answer = session().get(f"{INVENTORY_URL}/stock", params={"sku": ",".join(skus)}, timeout=10)
    answer.raise_for_status()
    return {row["sku"]: row["quantity"] for row in answer.json()}


def price(lines, repetitions=20):
    """Work of a size that shows: what a real service does in templates, taxes and rules."""
    total = 0
    for _ in range(repetitions):
        text = json.dumps(sorted(lines, key=lambda line: line["cents"]))
        total = sum(line["cents"] * line["quantity"] for line in json.loads(text))
    return total


def query(text, *values):
    with connection().cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text, values).fetchall()


def connection():
    """One connection a thread, and nothing to commit: this service only reads."""
    if getattr(_thread, "connection", None) is None or _thread.connection.closed:
        _thread.connection = psycopg.connect(DATABASE_URL, autocommit=True)
    return _thread.connection


def session():
    """Connections to the inventory are kept, one a thread."""
    if getattr(_thread, "session", None) is None:
        _thread.session = requests.Session()
    return _thread.session
