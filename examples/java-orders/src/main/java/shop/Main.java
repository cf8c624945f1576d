package shop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The order service, on PORT: nothing in it knows of OpenTelemetry. */
public final class Main {
  private static final Regressions REGRESSIONS = Regressions.chosen(System.getenv("REGRESSION"));
  private static final Store STORE = new Store();

  public static void main(String[] arguments) throws IOException {
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    server.setExecutor(threads);
    server.createContext("/healthz", exchange -> answer(exchange, 200, "ok"));
    server.createContext("/orders/", Main::order);
    server.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(0)));
    System.out.println("orders listens on 127.0.0.1:" + port);
  }

  private static void order(HttpExchange exchange) throws IOException {
    try {
      String path = exchange.getRequestURI().getPath();
      int number = Integer.parseInt(path.substring("/orders/".length()));
      if (REGRESSIONS.fails()) throw new IllegalStateException("order " + number + " has no promotion");
      List<Line> lines =
          REGRESSIONS.oneByOne() ? STORE.linesOneByOne(number) : STORE.linesOf(number);
      long total = Pricing.price(lines, REGRESSIONS.audited() ? 3000 : 300);
      answer(exchange, 200, "{\"number\":" + number + ",\"lines\":" + lines.size() + ",\"total\":" + total + "}");
    } catch (NumberFormatException error) {
      answer(exchange, 400, "{\"error\":\"no number\"}");
    } catch (RuntimeException error) {
      answer(exchange, 500, "{\"error\":\"something went wrong\"}");
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private Main() {}
}
