/** What the recorder reads of a span: the common part of the OpenTelemetry JS SDKs 1.x, 2.x and 3.x. */

/** Kinds as the API counts them. */
export const API_KIND = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 } as const;

export const STATUS_ERROR = 2;

export type Attributes = Readonly<Record<string, unknown>>;

export interface EndedSpan {
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code: number };
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes?: Attributes | undefined }[];
  readonly links?: readonly { readonly context: { readonly traceId: string } }[];
  readonly startTime: readonly [number, number];
  readonly duration: readonly [number, number];
  spanContext(): { readonly traceId: string; readonly spanId: string };
  /** SDK 2.x and newer. */
  readonly parentSpanContext?:
    | { readonly spanId: string; readonly isRemote?: boolean | undefined }
    | undefined;
  /** SDK 1.x. */
  readonly parentSpanId?: string | undefined;
  /** `performance.now()` at the start. Internal to the SDK, the same in 1.9 to 3.1; without it starts are in whole ms. */
  readonly _performanceStartTime?: number;
  readonly _startTimeProvided?: boolean;
}
