/**
 * What a load command says that it sent: JSON lines, or one JSON array of the same entries. An entry is about one
 * message, or sums up an operation. Pure; the format is in docs/load-command.md.
 */

export interface ReportedMessage {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** Seconds since 1970; null where the report does not say. */
  readonly sentAt: number | null;
}

export interface ReportedOperation {
  sent: number;
  /** By type. */
  readonly errors: Map<string, number>;
  /** Seconds. */
  readonly latencies: number[];
  readonly messages: ReportedMessage[];
}

export type LoadReport = ReadonlyMap<string, ReportedOperation>;

/** What is wrong with a report, in words that go behind "The report". */
export class UnreadableReport extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnreadableReport';
  }
}

/** @throws UnreadableReport which says where */
export function parseLoadReport(text: string): LoadReport {
  const operations = new Map<string, ReportedOperation>();
  for (const { place, value } of entriesOf(text)) addEntry(operations, value, place);
  return operations;
}

interface Entry {
  /** `line 3` or `entry 3`. */
  readonly place: string;
  readonly value: unknown;
}

function entriesOf(text: string): readonly Entry[] {
  if (text.trim() === '') throw new UnreadableReport('is empty');
  if (text.trimStart().startsWith('[')) {
    const entries = parsed(text, 'the array') as readonly unknown[];
    if (entries.length === 0) throw new UnreadableReport('is empty');
    return entries.map((value, index) => ({ place: `entry ${index + 1}`, value }));
  }
  return text.split('\n').flatMap((line, index) => {
    const place = `line ${index + 1}`;
    return line.trim() === '' ? [] : [{ place, value: parsed(line, place) }];
  });
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableReport(`is no JSON at ${place}: ${JSON.stringify(text.trim().slice(0, 60))}`);
  }
}

const KEYS: ReadonlySet<string> = new Set([
  ...['operation', 'sent', 'failed', 'latencies', 'traces'],
  ...['trace', 'sentAt', 'doneAt', 'latency'],
]);

function addEntry(operations: Map<string, ReportedOperation>, value: unknown, place: string): void {
  const refuse: Refuse = (what) => {
    throw new UnreadableReport(`has ${what} at ${place}`);
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse('something other than an object');
  const entry = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(entry).find((key) => !KEYS.has(key));
  if (unknown !== undefined) refuse(`the unknown key \`${unknown}\``);
  const name = entry.operation;
  if (typeof name !== 'string' || name === '') refuse('no `operation`, the name of what was sent,');
  let operation = operations.get(name);
  if (operation === undefined) {
    operation = { sent: 0, errors: new Map(), latencies: [], messages: [] };
    operations.set(name, operation);
  }
  if (entry.sent === undefined) addMessage(operation, entry, refuse);
  else addSum(operation, entry, refuse);
}

type Refuse = (what: string) => never;

function addSum(
  operation: ReportedOperation,
  entry: Readonly<Record<string, unknown>>,
  refuse: Refuse,
): void {
  const { sent, failed = 0, latencies = [], traces = [] } = entry;
  for (const key of ['trace', 'sentAt', 'doneAt', 'latency'])
    if (entry[key] !== undefined) refuse(`\`sent\` and \`${key}\`, which is of a single message,`);
  if (!isCount(sent)) refuse('a `sent` that is no whole number from 0');
  if (!isCount(failed) || failed > sent) refuse('a `failed` that is no whole number from 0 to `sent`');
  if (!Array.isArray(latencies) || !latencies.every(isSeconds))
    refuse('`latencies` that are no list of seconds');
  if (!Array.isArray(traces)) refuse('`traces` that are no list of trace ids');
  operation.sent += sent;
  if (failed > 0) addError(operation, FAILED, failed);
  for (const latency of latencies) operation.latencies.push(latency);
  for (const trace of traces)
    operation.messages.push({
      traceId: traceIdOf(trace) ?? refuse('a trace that is no trace id'),
      sentAt: null,
    });
}

function addMessage(
  operation: ReportedOperation,
  entry: Readonly<Record<string, unknown>>,
  refuse: Refuse,
): void {
  const { failed = false, trace, sentAt, doneAt, latency } = entry;
  for (const key of ['latencies', 'traces'])
    if (entry[key] !== undefined) refuse(`\`${key}\` without \`sent\``);
  if (typeof failed !== 'boolean' && typeof failed !== 'string')
    refuse('a `failed` that is neither true or false nor a text');
  if (sentAt !== undefined && !isSeconds(sentAt)) refuse('a `sentAt` that is no time in seconds since 1970');
  if (doneAt !== undefined && (!isSeconds(doneAt) || !isSeconds(sentAt) || doneAt < sentAt))
    refuse('a `doneAt` that is no time in seconds since 1970 behind `sentAt`');
  if (latency !== undefined && !isSeconds(latency)) refuse('a `latency` that is no number of seconds');
  operation.sent += 1;
  if (failed !== false) addError(operation, failed === true ? FAILED : failed, 1);
  else if (isSeconds(latency)) operation.latencies.push(latency);
  else if (isSeconds(doneAt) && isSeconds(sentAt)) operation.latencies.push(doneAt - sentAt);
  if (trace === undefined) return;
  const traceId = traceIdOf(trace) ?? refuse('a `trace` that is no trace id of 32 hex digits');
  operation.messages.push({ traceId, sentAt: isSeconds(sentAt) ? sentAt : null });
}

const FAILED = 'failed';

function addError({ errors }: ReportedOperation, type: string, count: number): void {
  errors.set(type, (errors.get(type) ?? 0) + count);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** Of a trace id, or of a whole `traceparent`. */
function traceIdOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const [, id] = /^(?:00-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/i.exec(value) ?? [];
  return id === undefined || /^0+$/.test(id) ? null : id.toLowerCase();
}
