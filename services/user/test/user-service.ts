import type { CallContext } from '@vestibule/shared/call-context';
import { readConfig } from '@vestibule/shared/config';
import type {
  Access,
  Account,
  Avatar,
  Identity,
  ProfileChange,
  Role,
} from '@vestibule/shared/contracts/account';
import type { Contract, ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { type DomainEvent, eventKinds } from '@vestibule/shared/contracts/event';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { userContracts } from '@vestibule/shared/contracts/user';
import type { Outbox } from '@vestibule/shared/outbox/outbox';
import { createOutboxWriter } from '@vestibule/shared/outbox/outbox-writer';
import type { Parts } from '@vestibule/shared/parts';
import { until } from '@vestibule/shared/test/server-process';
import fastify from 'fastify';
import type { Kysely } from 'kysely';
import type { Test } from 'tap';
import { type Change, createChange } from '../src/changes.ts';
import { UserSettings } from '../src/config.ts';
import { userService } from '../src/index.ts';
import { migrations } from '../src/migrations/index.ts';
import type { UserTables } from '../src/tables.ts';

/** What `make` answers for 0, 1 and so on, `count` of them. */
export const times = <Result>(count: number, make: (index: number) => Result): Result[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** A line of the service's log. */
export type LogLine = { level: number; msg: string } & Record<string, unknown>;

/** Runs one replica of the service on the parts until the test is over, or until it is closed. */
export async function startUserService(
  t: Test,
  parts: Parts,
  environment: Record<string, string> = {},
): Promise<{ log: LogLine[]; close: () => Promise<void> }> {
  const log: LogLine[] = [];
  const stream = { write: (line: string) => log.push(JSON.parse(line)) };
  const app = fastify({ logger: { level: 'debug', stream } });
  const settings = readConfig(UserSettings, { OUTBOX_POLL_MS: '20', ...environment });
  await app.register(userService, { parts, settings });
  await app.ready();
  t.teardown(() => app.close());
  return { log, close: () => app.close() };
}

/** The service's own tables, to look at and to fill from outside. */
export function openTables(parts: Parts): Promise<Kysely<UserTables>> {
  return parts.database.open<UserTables>({ schema: 'users', migrations });
}

/** An outbox in which events stay: nobody publishes them. */
export const outboxWithoutRelay = (): Outbox<UserTables> => ({
  ...createOutboxWriter<UserTables>({ clock: () => 0 }),
  wake() {},
});

/** Changes whose events stay there. */
export const changesWithoutRelay = (db: Kysely<UserTables>): Change =>
  createChange({ db, outbox: outboxWithoutRelay() });

/** Hears all events that the services on the parts tell from now on. */
export async function listen(t: Test, { events }: Pick<Parts, 'events'>) {
  const told = new Map<string, DomainEvent>();
  const consuming = await events.consume({
    name: 'test-listener',
    kinds: eventKinds,
    handle: async (event) => void told.set(event.id, event),
  });
  t.teardown(() => consuming.stop());
  const of = (accountId: number) => [...told.values()].filter(({ key }) => key === `account:${accountId}`);
  return {
    of,
    /** All that was told of an account that is deleted: that comes last, so nothing is on its way any more. */
    async lifeOf(accountId: number): Promise<DomainEvent[]> {
      const isLast = ({ kind, data }: DomainEvent) =>
        kind === 'account.status-changed' && 'to' in data && data.to === 'deleted';
      await until(`the end of ${accountId}`, () => of(accountId).some(isLast));
      return of(accountId);
    },
  };
}

/** Calls over the bus, as an admin in the request `a-request`. */
export function caller({ bus, clock }: Pick<Parts, 'bus' | 'clock'>, accountId = 10_000_001) {
  const context = (): CallContext => ({
    requestId: 'a-request',
    deadline: clock() + 60_000,
    caller: { accountId, role: 'admin', status: 'active' },
  });
  const call = <C extends Contract>(contract: C, input: RequestOf<C>): Promise<ReplyOf<C>> =>
    bus.call(contract, input, context());

  return {
    call,
    /** An account of its own, active and `normal` unless told. */
    create: (
      draft: {
        identities?: Identity[];
        passwordHash?: string | null;
        role?: Role;
        status?: 'pending' | 'active';
        profile?: ProfileChange;
        avatar?: Avatar;
        wxUserinfo?: JsonObject;
        unionid?: string;
      } = {},
    ): Promise<{ account: Account; access: Access }> =>
      call(userContracts.create, {
        identities: [],
        passwordHash: null,
        role: 'normal',
        status: 'active',
        profile: {},
        ...draft,
      }),
  };
}
