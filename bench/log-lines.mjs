/** How many log lines a second of CPU are read behind a round: `npm run build && node bench/log-lines.mjs`. */
import { mayMatter, parseLogLine } from '../build/telemetry/logs/log-line.js';
import { redactorOf } from '../build/telemetry/logs/redaction.js';

const START = 'abcd1234';
const TRACE = `${START}0000000000010203deadbeef`;
const JSON_LINE = `{"level":30,"time":1795852800250,"pid":1,"hostname":"h","trace_id":"${TRACE}","span_id":"b7ad6b7169203331","trace_flags":"01","msg":"order 17 of jane@example.org"}`;
const PYTHON_LINE = `2026-11-28 08:00:00,250 ERROR [app] [app.py:17] [trace_id=${TRACE} span_id=b7ad6b7169203331 resource.service.name=orders trace_sampled=True] - no such order: 4711`;
const OTHER_LINE =
  '{"level":30,"time":1795852800250,"pid":1,"hostname":"h","msg":"nothing that belongs to a request"}';

const redact = redactorOf(['cust-\\d+']);
const WORK = {
  'JSON with a trace id': () => parseLogLine(JSON_LINE, 'orders'),
  'text of Python with a trace id': () => parseLogLine(PYTHON_LINE, 'orders'),
  'without a trace id, jumped over': () => mayMatter(OTHER_LINE, START),
  'redacted, with one pattern of the user': () => redact(JSON_LINE),
};
const LINES = 200_000;

for (const [name, work] of Object.entries(WORK)) {
  for (let line = 0; line < LINES / 10; line += 1) work();
  const before = process.cpuUsage();
  for (let line = 0; line < LINES; line += 1) work();
  const { user, system } = process.cpuUsage(before);
  console.log(
    `${name}: ${Math.round(LINES / ((user + system) / 1e6)).toLocaleString('en')} lines a second of CPU`,
  );
}
