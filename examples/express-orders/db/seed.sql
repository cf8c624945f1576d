-- 500 customers with 6,000 orders of 1 to 9 lines over a year. No random numbers: whoever seeds gets the same rows.
-- pick(i, salt, n) is a number from 0 to n - 1 that looks random; the salt keeps columns from moving together.
CREATE FUNCTION pg_temp.pick(i integer, salt integer, n integer) RETURNS integer LANGUAGE sql IMMUTABLE
  RETURN abs(hashint4(i * 31 + salt) % n);

INSERT INTO customers (id, name, email, tier, country)
SELECT
  i,
  given || ' ' || family,
  lower(given) || '.' || lower(family) || i || '@example.com',
  (ARRAY['standard', 'standard', 'standard', 'silver', 'silver', 'gold'])[1 + pg_temp.pick(i, 1, 6)],
  (ARRAY['AT', 'DE', 'DK', 'ES', 'FR', 'IE', 'IT', 'NL'])[1 + pg_temp.pick(i, 2, 8)]
FROM
  generate_series(1, 500) AS i,
  LATERAL (SELECT
    (ARRAY['Ada', 'Amara', 'Bruno', 'Chiara', 'Dario', 'Elif', 'Emil', 'Fatou', 'Hana', 'Ines', 'Jonas', 'Kwame',
      'Lena', 'Mateo', 'Nadia', 'Oskar', 'Priya', 'Rosa', 'Soren', 'Tariq'])[1 + pg_temp.pick(i, 3, 20)] AS given,
    (ARRAY['Abebe', 'Bauer', 'Costa', 'Duarte', 'Eriksen', 'Fischer', 'Garcia', 'Haddad', 'Ivanova', 'Jensen',
      'Kaya', 'Lopez', 'Moreau', 'Novak', 'Okafor', 'Petrov', 'Rossi', 'Silva', 'Tanaka', 'Weber'])
      [1 + pg_temp.pick(i, 4, 20)] AS family
  ) AS names;

INSERT INTO stock (sku, warehouse, quantity)
SELECT
  sku,
  (ARRAY['Antwerp', 'Graz', 'Lyon'])[1 + pg_temp.pick(n::integer, 5, 3)],
  -- More than any load can order, but not the same for all.
  1000000 + pg_temp.pick(n::integer, 6, 1000)
FROM (SELECT sku, row_number() OVER (ORDER BY sku) AS n FROM products) AS numbered;

CREATE TEMPORARY TABLE new_lines AS
SELECT o AS order_id, line, p.sku, 1 + pg_temp.pick(o * 10 + line, 12, 12) AS quantity, p.price_cents
FROM
  generate_series(1, 6000) AS o
  CROSS JOIN generate_series(1, 1 + pg_temp.pick(o, 10, 9)) AS line
  JOIN (SELECT sku, price_cents, row_number() OVER (ORDER BY sku) - 1 AS n, count(*) OVER () AS of FROM products) AS p
    ON p.n = pg_temp.pick(o * 10 + line, 11, p.of::integer);

INSERT INTO orders (id, customer_id, request_key, status, placed_at, total_cents)
SELECT
  order_id,
  1 + pg_temp.pick(order_id, 7, 500),
  'seed-' || order_id,
  CASE
    WHEN order_id > 5900 THEN 'placed'
    WHEN order_id > 5750 THEN 'packed'
    WHEN pg_temp.pick(order_id, 8, 20) = 0 THEN 'returned'
    ELSE 'shipped'
  END,
  timestamptz '2025-01-01 00:00:00Z' + order_id * interval '87 minutes'
    + pg_temp.pick(order_id, 9, 3600) * interval '1 second',
  sum(quantity * price_cents)
FROM new_lines
GROUP BY order_id
ORDER BY order_id;

INSERT INTO order_lines (order_id, sku, quantity, unit_price_cents)
SELECT order_id, sku, quantity, price_cents FROM new_lines ORDER BY order_id, line;

SELECT setval(pg_get_serial_sequence('customers', 'id'), max(id)) FROM customers;
SELECT setval(pg_get_serial_sequence('orders', 'id'), max(id)) FROM orders;
