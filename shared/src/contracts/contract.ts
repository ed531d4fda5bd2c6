import type { ErrorCode } from '../errors.ts';
import type { Static, TSchema } from '../schema.ts';

/**
 * One subject of the bus: what is asked, what is answered, and which codes it may fail with besides the
 * common ones. Server, client, validation on both ends and documents all come from here.
 */
export type Contract<
  Request extends TSchema = TSchema,
  Reply extends TSchema = TSchema,
  Code extends ErrorCode = ErrorCode,
> = {
  /** `service.operation`, e.g. `user.get`. */
  readonly subject: `${string}.${string}`;
  /** One sentence for the documents. */
  readonly summary: string;
  readonly request: Request;
  readonly reply: Reply;
  readonly errors: readonly Code[];
  /**
   * Asked twice, it does the same as asked once, also when one of the two is done late, after somebody's next change:
   * may be tried again on another replica.
   */
  readonly idempotent: boolean;
};

export type RequestOf<C extends Contract> = Static<C['request']>;
export type ReplyOf<C extends Contract> = Static<C['reply']>;
export type ErrorOf<C extends Contract> = C['errors'][number];

/** All contracts of one service, by operation. */
export type Contracts = Readonly<Record<string, Contract>>;

/** Writes a contract down with its exact types. */
export function contract<
  const Request extends TSchema,
  const Reply extends TSchema,
  const Code extends ErrorCode = never,
>(definition: Contract<Request, Reply, Code>): Contract<Request, Reply, Code> {
  return definition;
}
