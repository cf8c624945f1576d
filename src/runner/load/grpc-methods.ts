/** The methods that a gRPC load calls, as its proto file describes them, and its messages as bytes. */
import type { MethodDefinition, PackageDefinition } from '@grpc/proto-loader';
import type { Grpc } from '../../config.ts';
import { EXIT, UserError } from '../../errors.ts';
import type { Workload, WorkloadRequest } from './workload.ts';

/** Makes the bytes of a message from its JSON. @throws Error where it is no message of the method */
export type SerializeMessage = (json: string) => Buffer;

/**
 * Finds mistakes before anything is started; nothing where the load is not gRPC.
 *
 * @throws UserError (exit 2) as `grpcMethods`, `grpc-message-invalid`
 */
export async function assertGrpcCalls({ load, requests }: Workload): Promise<void> {
  if (load.grpc === undefined) return;
  const methods = await grpcMethods(load.grpc, requests);
  for (const { template, contents } of requests) {
    const serialize = methods.get(template.path);
    for (const { fixed } of contents) {
      if (fixed === null || serialize === undefined) continue;
      try {
        serialize(String(fixed.body));
      } catch (error) {
        throw messageInvalid(template.name, error);
      }
    }
  }
}

/**
 * @returns by path, such as `/shop.Orders/Get`
 * @throws UserError (exit 2) `grpc-proto-unreadable`, `grpc-method-unknown`, `grpc-method-streams`
 */
export async function grpcMethods(
  grpc: Grpc,
  requests: readonly Pick<WorkloadRequest, 'template'>[],
): Promise<ReadonlyMap<string, SerializeMessage>> {
  const described = methodsOf(await definitionsOf(grpc));
  return new Map(
    requests.map(({ template: { path } }) => {
      const method = described.get(path);
      if (method === undefined) throw methodUnknown(path, grpc, [...described.keys()]);
      if (method.requestStream || method.responseStream) throw methodStreams(path);
      return [path, serializerOf(method)];
    }),
  );
}

type Method = MethodDefinition<object, object>;

async function definitionsOf({ proto, include }: Grpc): Promise<PackageDefinition> {
  // Seldom needed, and slow to load.
  const { load } = await import('@grpc/proto-loader');
  try {
    return await load(proto, { keepCase: true, includeDirs: [...include], longs: String, enums: String });
  } catch (cause) {
    throw new UserError({
      code: 'grpc-proto-unreadable',
      what: `The proto file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: { file: proto, path: 'load.grpc.proto' },
      hint: 'Folders that its imports are in belong into `include` under `load.grpc`.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function methodsOf(definitions: PackageDefinition): ReadonlyMap<string, Method> {
  const services = Object.values(definitions).filter((definition) => !('format' in definition));
  const methods = services.flatMap((service) => Object.values(service) as Method[]);
  return new Map(methods.map((method) => [method.path, method]));
}

interface MessageType {
  readonly type: { readonly field?: readonly { readonly name: string }[] };
}

function serializerOf({ requestType, requestSerialize }: Method): SerializeMessage {
  const fields = ((requestType as unknown as MessageType).type.field ?? []).map(({ name }) => name);
  return (json) => {
    const message = JSON.parse(json) as object;
    // The library leaves out what it does not know.
    const unknown = Object.keys(message).find((name) => !fields.includes(name));
    if (unknown !== undefined)
      throw new Error(`there is no field \`${unknown}\`; there are ${fields.join(', ') || 'none'}`);
    return requestSerialize(message);
  };
}

function methodUnknown(path: string, { proto }: Grpc, known: readonly string[]): UserError {
  const names = known.map((each) => each.slice(1)).sort();
  return new UserError({
    code: 'grpc-method-unknown',
    what: `There is no method ${path.slice(1)} in the proto file.`,
    where: { file: proto, path: 'load.grpc.calls' },
    hint: names.length === 0 ? 'It describes no service.' : `It has ${names.join(', ')}.`,
    exitCode: EXIT.usage,
  });
}

function methodStreams(path: string): UserError {
  return new UserError({
    code: 'grpc-method-streams',
    what: `The method ${path.slice(1)} streams, and only unary calls are sent.`,
    where: 'load.grpc.calls',
    hint: 'Send it by a command of your own: `load.command`.',
    exitCode: EXIT.usage,
  });
}

function messageInvalid(name: string, cause: unknown): UserError {
  return new UserError({
    code: 'grpc-message-invalid',
    what: `The message of the call \`${name}\` is none of its method: ${cause instanceof Error ? cause.message : String(cause)}.`,
    where: 'load.grpc.calls',
    hint: 'Fields are named as in the proto file.',
    exitCode: EXIT.usage,
    cause,
  });
}
