-- What REGRESSION=dropped-index does: an index that somebody took to be unused.
DROP INDEX IF EXISTS order_lines_order_id_idx;
