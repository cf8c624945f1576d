package shop;

import java.util.Comparator;
import java.util.List;

/** What an order costs; the agent is told by a variable to make a span of it. */
final class Pricing {
  /** Work of a size that shows: what a real service does in templates, taxes and rules. */
  static long price(List<Line> lines, int repetitions) {
    long total = 0;
    for (int i = 0; i < repetitions; i++) {
      StringBuilder text = new StringBuilder();
      total = 0;
      for (Line line : lines.stream().sorted(Comparator.comparingInt(Line::cents)).toList()) {
        text.append(line.sku()).append(' ').append(line.name()).append(' ').append(line.cents()).append('\n');
        total += (long) line.cents() * line.quantity();
      }
      total += text.length() == 0 ? 1 : 0;
    }
    return total;
  }

  private Pricing() {}
}
