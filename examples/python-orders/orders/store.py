"""Orders and products in SQLite, a file for each process that starts: the same rows each time."""

import json
import os
import sqlite3
import tempfile
import threading

from opentelemetry import trace

tracer = trace.get_tracer("orders")
PRODUCTS = 200
ORDERS = 2000

_local = threading.local()
_path = None
_lock = threading.Lock()


def connection():
    """One connection a thread: SQLite's are not to be shared."""
    if getattr(_local, "connection", None) is None or _local.pid != os.getpid():
        _local.connection = sqlite3.connect(database())
        _local.connection.row_factory = sqlite3.Row
        _local.pid = os.getpid()
    return _local.connection


def database():
    global _path
    with _lock:
        if _path is None or not _path.startswith(f"{tempfile.gettempdir()}/orders-{os.getpid()}-"):
            folder = tempfile.mkdtemp(prefix=f"orders-{os.getpid()}-")
            _path = os.path.join(folder, "orders.db")
            fill(_path)
        return _path


def fill(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE products (sku TEXT PRIMARY KEY, name TEXT, cents INTEGER)")
        db.execute("CREATE TABLE lines (order_id INTEGER, sku TEXT, quantity INTEGER)")
        db.executemany(
            "INSERT INTO products VALUES (?, ?, ?)",
            [(f"SKU-{n}", f"product {n}", 100 + n * 7 % 900) for n in range(PRODUCTS)],
        )
        db.executemany(
            "INSERT INTO lines VALUES (?, ?, ?)",
            [
                (order, f"SKU-{(order * 31 + line * 17) % PRODUCTS}", 1 + line % 3)
                for order in range(ORDERS)
                for line in range(5)
            ],
        )
        db.execute("CREATE INDEX lines_by_order ON lines (order_id)")


def order(number, regressions=frozenset()):
    """An order with its lines, priced."""
    if "n-plus-one" in regressions:
        lines = [dict(row) for row in query("SELECT sku, quantity FROM lines WHERE order_id = ?", number)]
        for line in lines:
            line.update(dict(query("SELECT name, cents FROM products WHERE sku = ?", line["sku"])[0]))
    else:
        lines = [
            dict(row)
            for row in query(
                "SELECT l.sku, l.quantity, p.name, p.cents FROM lines l JOIN products p USING (sku)"
                " WHERE l.order_id = ?",
                number,
            )
        ]
    with tracer.start_as_current_span("price order"):
        total = price(lines, 16 if "slow-function" in regressions else 10)
    return {"number": number, "lines": lines, "total": total}


def query(text, *values):
    cursor = connection().cursor()
    try:
        return cursor.execute(text, values).fetchall()
    finally:
        cursor.close()


def price(lines, repetitions):
    """Work of a size that shows: what a real service does in templates, taxes and rules."""
    total = 0
    for _ in range(repetitions):
        text = json.dumps(sorted(lines, key=lambda line: line["cents"]))
        total = sum(line["cents"] * line["quantity"] for line in json.loads(text))
    return total


def chosen_regressions():
    return frozenset(name for name in os.environ.get("REGRESSION", "").split(",") if name)
