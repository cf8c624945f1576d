"""What can go wrong on request, so that a gate has something to find: REGRESSION=name, or several with commas."""

import itertools
import os

import orders


def price_with_audit(lines):
    """An audit prices everything a second time."""
    total = orders.price(lines)
    if orders.price(lines) != total:
        raise ArithmeticError("the audit failed")
    return total


def lines_one_by_one(number):
    """The lines without their products, and then each product by itself."""
    lines = orders.query(
        "SELECT sku, quantity, unit_price_cents AS cents FROM order_lines WHERE order_id = %s ORDER BY id", number
    )
    for line in lines:
        line["name"] = orders.query("SELECT name FROM products WHERE sku = %s", line["sku"])[0]["name"]
    return lines


_looks = itertools.count(1)


def fail_now_and_then(number):
    """Every tenth look at an order fails, whichever order it is."""
    if next(_looks) % 10 == 0:
        raise LookupError(f"order {number} has no promotion")
    return orders.lines_of(number)


REGRESSIONS = {
    "slow-function": {"price": price_with_audit},
    "n-plus-one": {"lines_of": lines_one_by_one},
    "errors": {"lines_of": fail_now_and_then},
}


def chosen():
    names = [name for name in os.environ.get("REGRESSION", "").split(",") if name]
    for name in names:
        if name not in REGRESSIONS:
            raise ValueError(f"there is no regression {name}: use {', '.join(REGRESSIONS)}")
    return names
