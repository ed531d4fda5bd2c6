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
import type { FastifyBaseLogger, FastifyInstance, FastifySchema, RawServerDefault } from 'fastify';
import type { Access } from '../caller.ts';
import type { GatewayProfile } from '../config.ts';
import type { DialectName } from './names.ts';

/** What a client is answered when its call fails. */
export type Failure = { status: number; body: object };

/** What an operation says of itself to the scope that it is in. */
export type Operation = { access: Access; fail: (error: AppError) => Failure };

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

export type DialectDependencies = { bus: Pick<Bus, 'call'>; settings: GatewayProfile };

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

/** What any operation may be refused with, and what any that takes a body. */
const commonRefusals = ['rate-limited', 'unavailable', 'internal'] as const satisfies readonly ErrorCode[];
const bodyRefusals = [
  'body-unreadable',
  'content-type-unsupported',
  'body-too-large',
] as const satisfies readonly ErrorCode[];

const anyToken = [{ bearer: [] }, { token: [] }, { cookie: [] }];
const security: Record<Access, Record<string, string[]>[]> = {
  anyone: [],
  'maybe-signed-in': [{}, ...anyToken],
  session: anyToken,
  audited: anyToken,
  'own-record': anyToken,
  admin: anyToken,
};

type Described = Operation & {
  summary: string;
  /** The schema of the answers to failures. */
  failure: TSchema;
  /** Codes that this operation may fail with, besides those that any may. */
  refusals: readonly ErrorCode[];
};

export type OperationOptions<B extends TObject> = Described & {
  body: B;
  /** A body as the document shows it, or as it describes it. */
  example: Static<B>;
  /** The document's good answer, and the schema of such answers. */
  good: object;
  answer: TSchema;
};

/** An operation that is asked by its query and answers a PNG. */
export type PictureOptions<Q extends TObject> = Described & { query: Q };

type Declared<Schema extends object> = { schema: FastifySchema & Schema; config: { operation: Operation } };

type Content = Record<string, { schema: TSchema; examples?: Record<string, object> }>;

/** The failures by HTTP status, as the OpenAPI page shows them beside the good answers. */
function responses({ failure, refusals, fail }: Described, good: Content) {
  const examples: Record<number, Record<string, object>> = {};
  for (const code of refusals) {
    const { status, body } = fail(new AppError(code));
    examples[status] = { ...examples[status], [code]: { summary: errorMeanings[code], value: body } };
  }
  const { 200: documented, ...others } = examples;
  const json = good['application/json'];
  const answers = {
    schema: json ? Type.Union([json.schema, failure]) : failure,
    examples: { ...json?.examples, ...documented },
  };
  const rows = Object.entries(others).map(([status, shown]) => {
    const content = { 'application/json': { schema: failure, examples: shown } };
    return [status, { description: 'What the document does not speak of', content }] as const;
  });
  return {
    200: { description: "The document's answers", content: { ...good, 'application/json': answers } },
    ...Object.fromEntries(rows),
  };
}

/**
 * A route's options from one description: the schema that validates its body is the one that the OpenAPI
 * page shows, and the failures shown there come from the table that answers them.
 */
export function operation<B extends TObject>(options: OperationOptions<B>): Declared<{ body: B }> {
  const { access, fail, summary, body, example, good, answer } = options;
  const refusals = [...options.refusals, ...bodyRefusals, ...commonRefusals];
  return {
    schema: {
      summary,
      consumes: bodyTypes,
      body: { ...body, examples: [example] },
      response: responses(
        { ...options, refusals },
        {
          'application/json': {
            schema: answer,
            examples: { good: { summary: 'As documented', value: good } },
          },
        },
      ),
      security: security[access],
    },
    config: { operation: { access, fail } },
  };
}

/** The same for an operation that answers a picture. */
export function picture<Q extends TObject>(options: PictureOptions<Q>): Declared<{ querystring: Q }> {
  const { access, fail, summary, query } = options;
  const refusals = [...options.refusals, ...commonRefusals];
  return {
    schema: {
      summary,
      querystring: query,
      response: responses(
        { ...options, refusals },
        { 'image/png': { schema: Type.String({ format: 'binary' }) } },
      ),
      security: security[access],
    },
    config: { operation: { access, fail } },
  };
}
