package shop;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Orders and products in a database in memory: the same rows each time. */
final class Store {
  private static final String URL = "jdbc:h2:mem:orders;DB_CLOSE_DELAY=-1";
  private static final int PRODUCTS = 200;
  private static final int ORDERS = 2000;

  /** One connection a thread: a connection serves one at a time. */
  private final ThreadLocal<Connection> connection = ThreadLocal.withInitial(Store::connect);

  Store() {
    try (Connection filling = connect();
        Statement statement = filling.createStatement()) {
      statement.execute("CREATE TABLE products (sku VARCHAR PRIMARY KEY, name VARCHAR, cents INT)");
      statement.execute("CREATE TABLE lines (order_id INT, sku VARCHAR, quantity INT)");
      statement.execute(
          "INSERT INTO products SELECT 'SKU-' || x, 'product ' || x, 100 + MOD(x * 7, 900)"
              + " FROM SYSTEM_RANGE(0, " + (PRODUCTS - 1) + ")");
      statement.execute(
          "INSERT INTO lines SELECT o.x, 'SKU-' || MOD(o.x * 31 + l.x * 17, " + PRODUCTS + "), 1 + MOD(l.x, 3)"
              + " FROM SYSTEM_RANGE(0, " + (ORDERS - 1) + ") o CROSS JOIN SYSTEM_RANGE(0, 4) l");
      statement.execute("CREATE INDEX lines_by_order ON lines (order_id)");
    } catch (SQLException error) {
      throw new IllegalStateException(error);
    }
  }

  /** The lines of an order with their products, by one query. */
  List<Line> linesOf(int number) {
    return read(
        "SELECT l.sku, p.name, l.quantity, p.cents FROM lines l JOIN products p ON p.sku = l.sku WHERE l.order_id = ?",
        number,
        row -> new Line(row.getString(1), row.getString(2), row.getInt(3), row.getInt(4)));
  }

  /** The lines, and then the product of each by itself. */
  List<Line> linesOneByOne(int number) {
    List<Line> lines = new ArrayList<>();
    for (Line line :
        read(
            "SELECT sku, quantity FROM lines WHERE order_id = ?",
            number,
            row -> new Line(row.getString(1), "", row.getInt(2), 0))) {
      lines.addAll(
          read(
              "SELECT name, cents FROM products WHERE sku = ?",
              line.sku(),
              row -> new Line(line.sku(), row.getString(1), line.quantity(), row.getInt(2))));
    }
    return lines;
  }

  private interface RowReader {
    Line read(ResultSet row) throws SQLException;
  }

  private List<Line> read(String text, Object value, RowReader reader) {
    try (PreparedStatement statement = connection.get().prepareStatement(text)) {
      statement.setObject(1, value);
      List<Line> lines = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) lines.add(reader.read(rows));
      }
      return lines;
    } catch (SQLException error) {
      throw new IllegalStateException(error);
    }
  }

  private static Connection connect() {
    try {
      return DriverManager.getConnection(URL);
    } catch (SQLException error) {
      throw new IllegalStateException(error);
    }
  }
}
