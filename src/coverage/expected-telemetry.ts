/** Server spans, error statuses and trace ids of log lines that requests should have. Pure. */
import {
  type ErrorCounts,
  type LogQuality,
  type Measurement,
  type OperationRecord,
  parseSpanKeyId,
  validInstances,
} from '../measurement.ts';
import type { CoverageFinding, CoverageSides } from './coverage.ts';
import { listed, quoted } from './listed.ts';

/** Requests, errors or lines from which their lack says something. */
const MINIMUM = 10;

/** Requests of an operation that no server span shows; not where the baseline has none either. */
export function operationsWithoutServerSpan({
  baseline,
  candidate,
}: CoverageSides): readonly CoverageFinding[] {
  const before = recordsByOperation(baseline);
  const without = [...recordsByOperation(candidate)].flatMap(([operation, records]) => {
    const was = before.get(operation);
    if (hasServerSpan(records) || requestsOf(records) < MINIMUM) return [];
    return was === undefined || hasServerSpan(was) ? [{ operation, isNew: was === undefined }] : [];
  });
  return without.map(({ operation, isNew }) => ({
    state: 'no-server-span',
    operation,
    message: `${isNew ? 'The new operation' : 'The operation'} ${quoted(operation)} has no server span, so only its clients see it. Is its route instrumented, and does the service pass \`traceparent\` on to it?`,
  }));
}

function hasServerSpan(records: readonly OperationRecord[]): boolean {
  return records.some(({ spans }) =>
    Object.entries(spans).some(
      ([id, { calls }]) => calls > 0 && ['server', 'consumer'].includes(parseSpanKeyId(id).kind),
    ),
  );
}

/** Share of the failed answers that a span has to mark as an error. */
const MARKED = 0.5;

/** Answers of 500 and more that no span calls an error, where the baseline does not have the same. */
export function errorsWithoutStatus({ baseline, candidate }: CoverageSides): readonly CoverageFinding[] {
  const before = recordsByOperation(baseline);
  const unmarked = [...recordsByOperation(candidate)].flatMap(([operation, records]) => {
    const failed = failedAnswers(records);
    if (failed < MINIMUM || markedErrors(records) >= MARKED * failed) return [];
    const was = before.get(operation) ?? [];
    const isOld = failedAnswers(was) >= MINIMUM && markedErrors(was) < MARKED * failedAnswers(was);
    return isOld ? [] : [operation];
  });
  const [only, ...others] = unmarked;
  if (only === undefined) return [];
  return [
    {
      state: 'error-without-status',
      ...(only !== undefined && others.length === 0 && { operation: only }),
      message: `Answers with a status of 500 and more have no span with an error status: ${listed(unmarked)}. Set the status of the span to ERROR where the request fails, else its error rate says nothing.`,
    },
  ];
}

function failedAnswers(records: readonly OperationRecord[]): number {
  return records.reduce((sum, { errors }) => sum + countOf(errors, (type) => /^5\d\d$/.test(type)), 0);
}

/** Of the span key that has most of them: one failure may be marked in several spans. */
function markedErrors(records: readonly OperationRecord[]): number {
  const marked = new Map<string, number>();
  for (const { spans } of records) {
    for (const [id, { errors }] of Object.entries(spans)) {
      marked.set(id, (marked.get(id) ?? 0) + countOf(errors, () => true));
    }
  }
  return Math.max(0, ...marked.values());
}

function countOf(errors: ErrorCounts, isCounted: (type: string) => boolean): number {
  return Object.entries(errors).reduce((sum, [type, count]) => sum + (isCounted(type) ? count : 0), 0);
}

/** As often a request as this, or it was there before. */
const FAR_MORE = 10;

/** WARN and ERROR lines that name no trace, where those of the baseline did. */
export function logsWithoutTrace({ baseline, candidate }: CoverageSides): readonly CoverageFinding[] {
  const [was, now] = [logsOf(baseline), logsOf(candidate)];
  const hadTraces = was.records >= MINIMUM;
  const isNew = now.withoutTrace * was.requests > FAR_MORE * was.withoutTrace * now.requests;
  if (!hadTraces || now.withoutTrace < MINIMUM || !isNew) return [];
  return [
    {
      state: 'log-without-trace',
      message: `${now.withoutTrace} WARN or ERROR log records name no trace, and ${was.withoutTrace} in the baseline, so they count for no request. Does the logger still write trace_id and span_id?`,
    },
  ];
}

function logsOf(
  measurement: Measurement,
): Pick<LogQuality, 'records' | 'withoutTrace'> & { readonly requests: number } {
  const totals = { records: 0, withoutTrace: 0, requests: 0 };
  for (const { quality } of validInstances(measurement)) {
    totals.records += quality.logs?.records ?? 0;
    totals.withoutTrace += quality.logs?.withoutTrace ?? 0;
    totals.requests += quality.requestsCompleted;
  }
  return totals;
}

function recordsByOperation(measurement: Measurement): ReadonlyMap<string, readonly OperationRecord[]> {
  const operations = new Map<string, OperationRecord[]>();
  for (const { operations: records } of validInstances(measurement)) {
    for (const [name, record] of Object.entries(records)) {
      operations.set(name, [...(operations.get(name) ?? []), record]);
    }
  }
  return operations;
}

function requestsOf(records: readonly OperationRecord[]): number {
  return records.reduce((sum, { requests }) => sum + requests, 0);
}
