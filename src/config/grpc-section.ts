/** The section `load.grpc`: calls, in the form of requests. */
import { dirname, resolve } from 'node:path';
import type { Grpc, RequestTemplate } from '../config.ts';
import type { DataPath } from '../schema.ts';
import { bodyText } from './body-text.ts';
import { firstUse, type Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';
import type { GrpcSection } from './grammar/load.ts';
import { textMap } from './services.ts';

/** What is for HTTP. */
const OF_HTTP = ['requests', 'login', 'model', 'in-flight', 'rate', 'arrivals'] as const;

export function checkGrpc({ load = {}, rounds }: ScenarioSection, report: Report): void {
  for (const key of OF_HTTP) {
    if (load[key] === undefined) continue;
    report.mistake(['load', key], 'is for HTTP, and there is `grpc` as well; leave one of them out', 'key');
  }
  if (rounds?.together?.probe !== undefined && rounds.together.probe !== false)
    report.mistake(
      ['rounds', 'together', 'probe'],
      'sends HTTP requests, and the load is `grpc`; leave it out',
      'key',
    );
  if (load.grpc?.proto === undefined)
    report.mistake(['load', 'grpc'], 'there is no `proto`, the file that describes the methods', 'key');
}

export function grpcOf({ proto = '', include = [] }: GrpcSection, directory: string): Grpc {
  const file = resolve(directory, proto);
  return { proto: file, include: [dirname(file), ...include.map((folder) => resolve(directory, folder))] };
}

/** Statuses are those of gRPC: 0 is OK. */
export function grpcRequests({ calls = [] }: GrpcSection, report: Report): readonly RequestTemplate[] {
  const path = ['load', 'grpc', 'calls'];
  if (calls.length === 0)
    report.mistake(path, 'there is no call; give at least one, as in `- method: shop.Orders/Get`', 'key');
  const names = new Map<string, DataPath>();
  const requests = calls.map((call, index): RequestTemplate => {
    const { method = '', name = method, message = {}, metadata, weight = 1, writes = false } = call;
    if (method === '') report.mistake([...path, index], 'there is no `method`, such as shop.Orders/Get');
    const first = firstUse(names, name, report.locate([...path, index]));
    if (first !== null && name !== '')
      report.mistake(
        [...path, index],
        `the name "${name}" is already that of ${first}; give one of them another \`name\``,
      );
    return {
      name,
      method: 'POST',
      path: `/${method}`,
      headers: textMap(metadata),
      body: bodyText(message).body,
      bodyFile: null,
      expect: [0],
      save: {},
      weight,
      writes,
      protocol: 'grpc',
    };
  });
  if (requests.length > 0 && requests.every(({ weight }) => weight === 0))
    report.mistake(path, 'every call has the weight 0, so nothing would be sent', 'key');
  return requests;
}
