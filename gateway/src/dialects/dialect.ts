import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bus } from '@vestibule/shared/bus/bus';
import { AppError, type ErrorCode, errorMeanings } from '@vestibule/shared/errors';
import {
  type Static,
  type TObject,
  type TSchema,
  Type,
  type TypeBoxTypeProvider,
} from '@vestibule/shared/schema';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Access } from '../caller.ts';
import type { GatewayProfile } from '../config.ts';
import type { AddressLimit, LimitOptions } from '../rate-limit.ts';
import type { DialectName } from './names.ts';

/** What a client is answered when its call fails. */
export type Failure = { status: number; body: object };

/** What an operation says of itself to the scope that it is in. */
export type Operation = {
  access: Access;
  /** Whether it has a password hashed or compared, which costs more than anything else here. */
  takesPassword?: true;
  /** `path`: what the path of the request names, by parameter. */
  fail: (error: AppError, path?: Readonly<Record<string, string>>) => Failure;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
  }
}

/** Where a dialect declares its routes: what a handler gets as `request.body` is typed by the route's schema. */
export type DialectScope = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export type DialectDependencies = {
  bus: Pick<Bus, 'call'>;
  settings: GatewayProfile;
  /** Makes a limit per address; one that lets all pass where `LIMITS` is off. */
  limitPerAddress: (options: LimitOptions) => AddressLimit;
};

/** A document as the gateway serves it: one scope with a prefix, its routes, and its answer to every failure. */
export type Dialect = {
  name: DialectName;
  /** One sentence for the OpenAPI page. */
  description: string;
  prefix: string;
  /** How often one address may ask, over all of the dialect's operations together. */
  rate?: (settings: GatewayProfile) => { limit: number; windowMs: number };
  routes: (scope: DialectScope, dependencies: DialectDependencies) => void;
};

export const bodyTypes = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'];

/** What any operation may be refused with. */
const commonRefusals = [
  'body-unreadable',
  'content-type-unsupported',
  'body-too-large',
  'rate-limited',
  'unavailable',
  'internal',
] as const satisfies readonly ErrorCode[];

const anyToken = [{ bearer: [] }, { token: [] }, { cookie: [] }];
const security: Record<Access, Record<string, string[]>[]> = {
  anyone: [],
  'maybe-signed-in': [{}, ...anyToken],
  session: anyToken,
  audited: anyToken,
  'audited-account': anyToken,
  'own-record': anyToken,
  admin: anyToken,
};

/** What is said of any operation. */
export type Description = Operation & {
  summary: string;
  /** The document's good answer, and the schema of such answers. */
  good: object;
  answer: TSchema;
  /** The schema of the answers to failures. */
  failure: TSchema;
  /** Codes that this operation may fail with, besides those that any may. */
  refusals: readonly ErrorCode[];
};

export type OperationOptions<B extends TObject> = Description & {
  body: B;
  /** A body as the document shows it, or as it describes it; without its file. */
  example: Partial<Static<B>>;
  /** Bytes that the file of the body may have; absent where there is none. */
  fileLimit?: number;
};

/** What an operation reads of a request besides its body. */
export type Address = { params?: TObject; querystring?: TObject };

function responses({ good, answer, failure, refusals, fail }: Description) {
  const examples: Record<number, object> = { 200: { good: { summary: 'As documented', value: good } } };
  for (const code of [...refusals, ...commonRefusals]) {
    const { status, body } = fail(new AppError(code));
    examples[status] = { ...examples[status], [code]: { summary: errorMeanings[code], value: body } };
  }
  return Object.fromEntries(
    Object.entries(examples).map(([status, shown]) => {
      const schema = status === '200' ? Type.Union([answer, failure]) : failure;
      const description = status === '200' ? "The document's answers" : 'What the document does not speak of';
      return [status, { description, content: { 'application/json': { schema, examples: shown } } }];
    }),
  );
}

function described(options: Description) {
  const { access, takesPassword, fail, summary } = options;
  return {
    schema: { summary, response: responses(options), security: security[access] },
    operation: { access, fail, ...(takesPassword && { takesPassword }) },
  };
}

/**
 * A route's options from one description: the schema that validates its body is the one that the OpenAPI
 * page shows, and the failures shown there come from the table that answers them.
 */
export function operation<B extends TObject>(options: OperationOptions<B>) {
  const { body, example, fileLimit } = options;
  const { schema, operation } = described(options);
  return {
    schema: { ...schema, consumes: bodyTypes, body: { ...body, examples: [example] } },
    config: { operation, ...(fileLimit === undefined ? {} : { fileLimit }) },
  };
}

/** The same for an operation without a body. */
export function inquiry<A extends Address>({ address, ...options }: Description & { address: A }) {
  const { schema, operation } = described(options);
  return { schema: { ...schema, ...address }, config: { operation } };
}
