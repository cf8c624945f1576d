/**
 * Work of a known size for the services that bench/ gates: what services do (text, JSON, sorting), in steps, so that
 * one of them can be made slower by an exact share.
 */
import { SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('bench');

/** Runs `work` in a span of that name. */
export function inSpan(name, work) {
  return tracer.startActiveSpan(name, (span) => {
    const fail = (error) => {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      throw error;
    };
    try {
      const result = work();
      if (typeof result?.then !== 'function') {
        span.end();
        return result;
      }
      return result.then((value) => {
        span.end();
        return value;
      }, fail);
    } catch (error) {
      return fail(error);
    }
  });
}

/** @param {number} steps about 4 µs each on a processor of 2024 */
export function work(steps, seed = 1) {
  let state = seed >>> 0 || 1;
  let length = 0;
  for (let step = 0; step < steps; step += 1) {
    const rows = [];
    for (let row = 0; row < 6; row += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      rows.push({ sku: `SKU-${state % 997}`, cents: state % 10_007 });
    }
    rows.sort((left, right) => left.cents - right.cents);
    length += JSON.stringify(rows).length;
  }
  return length;
}

/** Names in REGRESSION, with commas. */
export function regressions(text = process.env.REGRESSION ?? '') {
  return new Set(text.split(',').filter(Boolean));
}
