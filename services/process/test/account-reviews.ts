import type { AccountStatus } from '@vestibule/shared/contracts/account';
import type { DomainEvent } from '@vestibule/shared/contracts/event';
import type { Instance } from '@vestibule/shared/contracts/process';
import { userContracts } from '@vestibule/shared/contracts/user';
import type { Parts } from '@vestibule/shared/parts';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import type { Test } from 'tap';
import { startUserService } from '../../user/test/user-service.ts';
import { openTables, person, type Somebody, startProcessService } from './process-service.ts';

/** A look is never far away. */
const soon = { PROCESS_POLL_MS: '20', OUTBOX_POLL_MS: '20' };

const watched = [
  'account.created',
  'account.status-changed',
  'process.started',
  'process.completed',
  'process.cancelled',
] as const;
type Watched = (typeof watched)[number];

/**
 * Accounts and processes together. `between` is what the process service gets for parts instead, to stand between it
 * and the others.
 */
export async function openReviews(
  t: Test,
  { replicas = 1, between = (parts) => parts }: { replicas?: number; between?: (parts: Parts) => Parts } = {},
) {
  const parts = await testParts(t);
  const events: DomainEvent<Watched>[] = [];
  const watching = await parts.events.consume({
    name: 'test-watch',
    kinds: watched,
    handle: async (event) => void events.push(event),
  });
  t.teardown(() => watching.stop());
  await startUserService(t, parts);
  for (let replica = 0; replica < replicas; replica += 1) {
    await startProcessService(t, between(parts), soon);
  }
  const db = await openTables(parts);
  const admin = await person(parts, { name: 'Ada', role: 'admin' });

  const instanceOf = async (id: number) => (await admin.get(id)).instance;

  /** The first event of this kind about an account, or about what it has applied for; it is waited for. */
  async function told(kind: Watched, accountId: number): Promise<DomainEvent<Watched>> {
    const find = () =>
      events.find(({ kind: other, data }) => {
        return other === kind && ('accountId' in data ? data.accountId : data.applicantId) === accountId;
      });
    await until(`${kind} is told`, () => find() !== undefined, 30_000);
    const event = find();
    if (event === undefined) throw new Error('it was told');
    return event;
  }

  /** The instance of an applicant that the platform has started by itself, or will in a moment. */
  async function reviewOf({ id }: Somebody): Promise<Instance> {
    const { data } = await told('process.started', id);
    if (!('instanceId' in data)) throw new Error('it is of no instance');
    return instanceOf(data.instanceId);
  }

  return {
    parts,
    admin,
    reviewOf,
    instanceOf,
    eventually: until,
    told,
    /** What was told of the end of an instance, in its order. */
    endsTold: (instanceId: number) =>
      events.flatMap(({ kind, data }) => {
        const of = 'instanceId' in data && data.instanceId === instanceId;
        return of && kind !== 'process.started' ? [kind] : [];
      }),
    /** How many events the process service has followed. */
    async heard(): Promise<number> {
      const query = db.selectFrom('seen_events').select(({ fn }) => fn.countAll<number>().as('events'));
      return (await query.executeTakeFirstOrThrow()).events;
    },
    /** How often the action that an instance waits for was tried. */
    async attemptsOf(instanceId: number): Promise<number> {
      const query = db.selectFrom('actions').select('attempts').where('instance_id', '=', instanceId);
      return (await query.executeTakeFirst())?.attempts ?? 0;
    },
    /** An account that waits for its audit. */
    signUp: (name = 'Nora') => person(parts, { name, status: 'pending' }),

    /** What happened to an instance: who did what to which task, and how it came out. */
    async history(id: number): Promise<string[]> {
      const { entries } = (await admin.get(id)).history;
      return entries.map(({ action, actor, task, details }) => {
        const { outcome, action: ordered } = details;
        return [actor?.name ?? '-', action, task?.name ?? outcome ?? ordered ?? '']
          .filter((word) => word !== '')
          .join(' ');
      });
    },

    /** Resolves when the instance runs no more. */
    async over(id: number): Promise<Instance> {
      await until('the instance is over', async () => (await instanceOf(id)).status !== 'running');
      return instanceOf(id);
    },

    statusOf: async (id: number): Promise<AccountStatus> =>
      (await admin.call(userContracts.get, { id })).status,
    setStatus: (id: number, status: AccountStatus) => admin.call(userContracts.setStatus, { id, status }),
    audit: (id: number) => admin.call(userContracts.audit, { id }),
  };
}
