package shop;

/** A line of an order. */
record Line(String sku, String name, int quantity, int cents) {}
