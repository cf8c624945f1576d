package shop;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What can go wrong on request, so that a gate has something to find: REGRESSION=name, or several with commas. */
final class Regressions {
  private static final List<String> KNOWN = List.of("slow-function", "n-plus-one", "errors");

  private final List<String> names;
  private final AtomicInteger looks = new AtomicInteger();

  private Regressions(List<String> names) {
    this.names = names;
  }

  static Regressions chosen(String text) {
    List<String> names = text == null || text.isEmpty() ? List.of() : List.of(text.split(","));
    for (String name : names) {
      if (!KNOWN.contains(name)) throw new IllegalArgumentException("there is no regression " + name + ": use " + KNOWN);
    }
    return new Regressions(names);
  }

  /** An audit prices everything nine times more. */
  boolean audited() {
    return names.contains("slow-function");
  }

  /** The products of an order's lines are read one by one. */
  boolean oneByOne() {
    return names.contains("n-plus-one");
  }

  /** Every fiftieth look at an order fails. */
  boolean fails() {
    return names.contains("errors") && looks.incrementAndGet() % 50 == 0;
  }
}
