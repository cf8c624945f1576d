/** The section `load`, complete with defaults. */
import { resolve } from 'node:path';
import type { Load, Method, RequestTemplate } from '../config.ts';
import type { DataPath } from '../schema.ts';
import { bodyText } from './body-text.ts';
import {
  DEFAULT_ARRIVALS,
  DEFAULT_CONNECTIONS,
  DEFAULT_MAX_WRITES,
  DEFAULT_REQUEST_TIMEOUT,
  DEFAULT_SEED,
} from './defaults.ts';
import { firstUse, type Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';
import type { LoadSection, LoginSection, RequestSection } from './grammar/load.ts';
import { checkGrpc, grpcOf, grpcRequests } from './grpc-section.ts';
import { checkCommand } from './load-command.ts';
import { checkVariables } from './load-variables.ts';
import { nearestWord } from './nearest-word.ts';
import { positive, textMap } from './services.ts';
import { parseRate } from './units.ts';

const METHODS: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export interface LoadContext {
  readonly report: Report;
  readonly directory: string;
}

export function normaliseLoad(section: ScenarioSection, context: LoadContext): Load {
  const load = section.load ?? {};
  const { report, directory } = context;
  const requests = requestsOf(section, context);
  checkVariables(load, report);
  return {
    ...sentBy(load, context),
    service: serviceOf(section, report),
    connections: load.connections ?? DEFAULT_CONNECTIONS,
    timeoutSeconds: positive(load.timeout ?? DEFAULT_REQUEST_TIMEOUT, ['load', 'timeout'], report),
    login: load.login ? normaliseRequest(load.login, ['load', 'login'], context) : null,
    requests: requests.filter((request) => request.weight > 0),
    maxWrites: load['max-writes'] ?? DEFAULT_MAX_WRITES,
    seed: load.seed ?? DEFAULT_SEED,
    directory,
  };
}

function requestsOf(section: ScenarioSection, context: LoadContext): readonly RequestTemplate[] {
  const { load = {} } = section;
  if (load.command !== undefined) {
    checkCommand(section, context.report);
    return [];
  }
  if (load.grpc === undefined) return normaliseRequests(load, context);
  checkGrpc(section, context.report);
  return grpcRequests(load.grpc, context.report);
}

function sentBy(
  load: LoadSection,
  { report, directory }: LoadContext,
): Pick<Load, 'model' | 'inFlight' | 'open' | 'command' | 'grpc'> {
  if (load.command !== undefined) return { model: 'command', command: load.command };
  if (load.grpc !== undefined) return { model: 'closed', grpc: grpcOf(load.grpc, directory) };
  return modelOf(load, report);
}

/** What belongs to another model is a mistake: it would be taken for granted, and do nothing. */
function modelOf(load: LoadSection, report: Report): Pick<Load, 'model' | 'inFlight' | 'open'> {
  const { model = 'auto', rate, arrivals, 'in-flight': inFlight = 'auto' } = load;
  if (model !== 'open') {
    for (const key of ['rate', 'arrivals'] as const) {
      if (load[key] === undefined) continue;
      report.mistake(['load', key], `belongs to \`model: open\`, and the model is \`${model}\``, 'key');
    }
  }
  if (load['in-flight'] !== undefined && model !== 'interleaved' && model !== 'auto') {
    const instead = model === 'closed' ? '`connections`' : '`rate`';
    const message = `belongs to \`model: interleaved\`; the load of \`model: ${model}\` is set by ${instead}`;
    report.mistake(['load', 'in-flight'], message, 'key');
  }
  if (model !== 'open') return { model, ...(inFlight !== 'auto' && { inFlight }) };
  if (rate === undefined) {
    report.mistake(['load', 'rate'], 'is missing; `model: open` needs one, such as `rate: 200/s`', 'key');
  } else if (parseRate(rate) <= 0) {
    report.mistake(['load', 'rate'], 'must be more than 0');
  }
  return { model, open: { rate: parseRate(rate ?? 1), arrivals: arrivals ?? DEFAULT_ARRIVALS } };
}

function serviceOf(section: ScenarioSection, report: Report): string {
  const known = Object.keys(section.services ?? {});
  const name = section.load?.service ?? known[0] ?? '';
  if (section.load?.service !== undefined && !known.includes(name)) {
    const nearest = nearestWord(name, known);
    const rest = nearest === null ? `; there are ${known.join(', ')}` : `; did you mean "${nearest}"?`;
    report.mistake(['load', 'service'], `there is no service "${name}"${known.length === 0 ? '' : rest}`);
  }
  return name;
}

function normaliseRequests(load: LoadSection, context: LoadContext): readonly RequestTemplate[] {
  const { report } = context;
  const path = ['load', 'requests'];
  const sections = load.requests ?? [];
  const requests = sections.map((request, index) => normaliseRequest(request, [...path, index], context));
  if (requests.length === 0) {
    const login = load.login ? ', and a login alone is no load' : '';
    report.mistake(path, `there is no request; give at least one, as in \`- GET: /\`${login}`, 'key');
  } else if (requests.every((request) => request.weight === 0)) {
    report.mistake(path, 'every request has the weight 0, so nothing would be sent', 'key');
  }
  const names = new Map<string, DataPath>();
  for (const [index, { name }] of requests.entries()) {
    const first = firstUse(names, name, report.locate([...path, index]));
    if (first === null || name === '') continue;
    const explicit = sections[index]?.name !== undefined;
    const message = `the name "${name}" is already that of ${first}; give one of them another \`name\``;
    report.mistake(explicit ? [...path, index, 'name'] : [...path, index], message);
  }
  return requests;
}

function normaliseRequest(
  request: RequestSection & LoginSection,
  path: DataPath,
  context: LoadContext,
): RequestTemplate {
  const { method, target } = methodOf(request, path, context.report);
  const { body, contentType } = bodyText(request.body);
  if (request.body !== undefined && request['body-file'] !== undefined) {
    context.report.mistake(
      [...path, 'body-file'],
      'there is a `body` as well; a request has one or the other',
      'key',
    );
  }
  return {
    name: request.name ?? (target === '' ? '' : `${method} ${target}`),
    method,
    path: target,
    headers: headersOf(request, contentType, path, context.report),
    body,
    bodyFile: request['body-file'] === undefined ? null : resolve(context.directory, request['body-file']),
    expect: request.expect === undefined ? [] : [request.expect].flat(),
    save: { ...request.save },
    weight: request.weight ?? 1,
    writes: request.writes ?? false,
  };
}

function methodOf(request: LoginSection, path: DataPath, report: Report): { method: Method; target: string } {
  const given = METHODS.filter((method) => request[method] !== undefined);
  const [method = 'GET', second] = given;
  if (given.length === 0) {
    report.mistake(path, 'there is no method with its path, such as `GET: /orders`');
  } else if (second !== undefined) {
    report.mistake([...path, second], `there is \`${method}\` as well; a request has one method`, 'key');
  }
  return { method, target: request[method] ?? '' };
}

/** What spangate sends itself, or what the driver must compute. */
const RESERVED_HEADERS: readonly string[] = [
  'traceparent',
  'tracestate',
  'content-length',
  'transfer-encoding',
  'connection',
];

function headersOf(
  request: LoginSection,
  contentType: string | null,
  path: DataPath,
  report: Report,
): Readonly<Record<string, string>> {
  const headers = textMap(request.headers);
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  for (const name of Object.keys(headers)) {
    if (!RESERVED_HEADERS.includes(name.toLowerCase())) continue;
    report.mistake([...path, 'headers', name], 'spangate sends this header itself', 'key');
  }
  if (contentType === null || names.includes('content-type')) return headers;
  return { ...headers, 'content-type': contentType };
}
