import type { Clock } from '@vestibule/shared/call-context';
import type { DomainEvent } from '@vestibule/shared/contracts/event';
import type { Consumer } from '@vestibule/shared/events/events';
import type { Outbox } from '@vestibule/shared/outbox/outbox';
import { firstSight } from '@vestibule/shared/outbox/seen-events';
import { actionLeadingTo, callerOf } from './account-actions.ts';
import type { ApplicantsRepository, RunningInstance } from './applicants-repository.ts';
import type { Definition } from './definition.ts';
import type { Definitions } from './definitions.ts';
import type { Moves, VersionedDefinition } from './moves.ts';
import type { ProcessTransaction } from './moves-repository.ts';
import { settlementOf } from './settlement.ts';
import { readForm } from './stored-form.ts';
import type { ProcessTables } from './tables.ts';

const name = 'process-accounts';
const kinds = ['account.created', 'account.status-changed', 'account.role-changed'] as const;
type Kind = (typeof kinds)[number];
type StatusChanged = DomainEvent<'account.status-changed'>;

/** The platform acts, in the request that made the change. */
const sourceOf = ({ requestId }: DomainEvent) => ({ requestId });

/**
 * Lets processes follow what happens to accounts. It is one consumer, so that what happens to one account is followed
 * in its order; an event that comes again changes nothing.
 */
export function createAccountConsumer({
  repository,
  moves,
  definitions,
  outbox,
  clock,
}: {
  repository: ApplicantsRepository;
  moves: Pick<Moves, 'startFor' | 'actionDone' | 'settle' | 'releaseTasksOf'>;
  definitions: Pick<Definitions, 'newest' | 'version' | 'startedBy'>;
  outbox: Pick<Outbox<ProcessTables>, 'wake'>;
  clock: Clock;
}): Consumer<Kind> {
  /** What is to be read for it was read before: the transaction must not wait for a second connection. */
  async function once(event: DomainEvent, follow: (tx: ProcessTransaction) => Promise<void>): Promise<void> {
    const sight = { consumer: name, eventId: event.id, at: new Date(clock()) };
    await repository.transaction(async (tx) => {
      if (await firstSight(tx, sight)) await follow(tx);
    });
    outbox.wake();
  }

  /** It comes to wait for its audit: whatever starts by that is started for it. */
  async function startReviews(event: DomainEvent<Kind>): Promise<void> {
    const starts: VersionedDefinition[] = [];
    for (const processName of await definitions.startedBy('account-pending')) {
      const newest = await definitions.newest(processName);
      if (newest !== null) starts.push(newest);
    }
    const { accountId: applicantId } = event.data;
    await once(event, async (tx) => {
      for (const { version, definition } of starts) {
        const form = readForm(definition.form, {});
        await moves.startFor(tx, { version, definition, applicantId, form }, sourceOf(event));
      }
    });
  }

  /**
   * The change may be what the instance itself ordered: then this is the answer to it, however many heard it before.
   * Else it ends what has nothing left to decide, and what nobody has taken up for an account that is deleted.
   */
  async function followStatus(
    tx: ProcessTransaction,
    event: StatusChanged,
    {
      instance,
      definition,
      takenUp,
    }: { instance: RunningInstance; definition: Definition; takenUp: boolean },
  ): Promise<void> {
    const { from, to } = event.data;
    const source = sourceOf(event);
    const { ordered: action } = instance;
    if (action !== null) {
      await moves.actionDone(tx, { action, definition }, 'done', { ...source, ...callerOf(action) });
      return;
    }
    if (instance.performed) return;
    const settlement = from === 'pending' ? settlementOf(definition, to) : undefined;
    if (settlement) await moves.settle(tx, instance.id, settlement.outcome, source);
    else if (to === 'deleted' && !takenUp) await moves.settle(tx, instance.id, null, source);
  }

  async function statusChanged(event: StatusChanged): Promise<void> {
    const { accountId, to } = event.data;
    if (to === 'pending') return startReviews(event);
    const running: { instance: RunningInstance; definition: Definition }[] = [];
    for (const instance of await repository.runningOf(accountId, actionLeadingTo(to))) {
      running.push({
        instance,
        definition: await definitions.version(instance.process_name, instance.version),
      });
    }
    await once(event, async (tx) => {
      const takenUp = await repository.lockAllOf(tx, accountId);
      for (const followed of running) {
        await followStatus(tx, event, { ...followed, takenUp: takenUp.has(followed.instance.id) });
      }
      // Who cannot sign in any more has nothing to do.
      if (to === 'active') return;
      await moves.releaseTasksOf(tx, accountId, { keepRole: null }, sourceOf(event));
    });
  }

  return {
    name,
    kinds,
    async handle(event) {
      if (event.kind === 'account.created') {
        if (event.data.status === 'pending') await startReviews(event);
      } else if (event.kind === 'account.status-changed') {
        await statusChanged(event);
      } else {
        const { accountId, to: keepRole } = event.data;
        await once(event, async (tx) => {
          await moves.releaseTasksOf(tx, accountId, { keepRole }, sourceOf(event));
        });
      }
    },
  };
}
