import type { CallContext, Caller } from '@vestibule/shared/call-context';
import { readConfig } from '@vestibule/shared/config';
import type { AccountStatus, Role } from '@vestibule/shared/contracts/account';
import type { Contract, ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { type Instance, processContracts } from '@vestibule/shared/contracts/process';
import { userContracts } from '@vestibule/shared/contracts/user';
import { AppError, type ErrorCode } from '@vestibule/shared/errors';
import type { Parts } from '@vestibule/shared/parts';
import fastify from 'fastify';
import type { Kysely } from 'kysely';
import type { Test } from 'tap';
import { ProcessSettings } from '../src/config.ts';
import { processService } from '../src/index.ts';
import { migrations } from '../src/migrations/index.ts';
import type { ProcessTables } from '../src/tables.ts';

/** What `make` answers for 0, 1 and so on, `count` of them. */
export const times = <Result>(count: number, make: (index: number) => Result): Result[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Runs one replica of the service on the parts until the test is over, or until it is closed. */
export async function startProcessService(
  t: Test,
  parts: Parts,
  environment: Record<string, string> = {},
): Promise<{ close: () => Promise<void> }> {
  const app = fastify();
  await app.register(processService, { parts, settings: readConfig(ProcessSettings, environment) });
  await app.ready();
  t.teardown(() => app.close());
  return { close: () => app.close() };
}

/** The service's own tables, to look at and to fill from outside. */
export function openTables(parts: Parts): Promise<Kysely<ProcessTables>> {
  return parts.database.open<ProcessTables>({ schema: 'process', migrations });
}

/** How a call ended: `ok`, or its code, with the field it names. */
export async function outcomeOf(
  answer: Promise<unknown>,
): Promise<'ok' | ErrorCode | `${ErrorCode} ${string}`> {
  try {
    await answer;
    return 'ok';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { field } = error.details;
    return field === undefined ? error.code : `${error.code} ${field}`;
  }
}

/** A form of a repair request that is all right. */
export const leak = { title: 'Tap drips', description: 'All night long', location: 'Room 4' };

/** Somebody with a caller's rights, and what they ask for; who waits `patienceMs` for each answer. */
export function somebody(
  { bus, clock }: Pick<Parts, 'bus' | 'clock'>,
  caller: Caller | undefined,
  patienceMs = 60_000,
) {
  const call = <C extends Contract>(contract: C, input: RequestOf<C>): Promise<ReplyOf<C>> => {
    const context: CallContext = { requestId: 'a-request', deadline: clock() + patienceMs };
    return bus.call(contract, input, caller === undefined ? context : { ...context, caller });
  };
  const { start, claim, release, complete, cancel, assign, comment, get, inbox, list } = processContracts;
  return {
    id: caller?.accountId ?? 0,
    call,
    start: (
      form: JsonObject = leak,
      processName = 'repair_apply',
      idempotencyKey?: string,
    ): Promise<Instance> =>
      call(start, { processName, form, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) }),
    claim: (id: number) => call(claim, { id }),
    release: (id: number) => call(release, { id }),
    complete: (id: number, form: JsonObject) => call(complete, { id, form }),
    cancel: (id: number) => call(cancel, { id }),
    assign: (id: number, assignee: number) => call(assign, { id, assignee }),
    comment: (id: number, text: string) => call(comment, { id, text }),
    get: (id: number, historyPage = 1) => call(get, { id, historyPage }),
    inbox: (page = 1) => call(inbox, { page }),
    list: (filter: Omit<RequestOf<typeof list>, 'page'> = {}, page = 1) => call(list, { ...filter, page }),
  };
}
export type Somebody = ReturnType<typeof somebody>;

/** An account of its own, made by the user service, that asks under this role and status. */
export async function person(
  parts: Pick<Parts, 'bus' | 'clock'>,
  {
    name = '',
    role = 'normal',
    status = 'active',
  }: { name?: string; role?: Role; status?: AccountStatus } = {},
): Promise<Somebody> {
  const { account } = await somebody(parts, undefined).call(userContracts.create, {
    identities: [],
    passwordHash: null,
    role,
    status: status === 'pending' ? 'pending' : 'active',
    profile: { name },
  });
  return somebody(parts, { accountId: account.id, role, status });
}

/** The id of the newest task of an instance. */
export function newestTask({ tasks }: Pick<Instance, 'tasks'>): number {
  const id = tasks.at(-1)?.id;
  if (id === undefined) throw new Error('the instance has no task');
  return id;
}
