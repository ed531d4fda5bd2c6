import type { CallContext, Clock } from '@vestibule/shared/call-context';
import { codeOf } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import type { Outbox } from '@vestibule/shared/outbox/outbox';
import { type AccountActions, callerOf, type Performed } from './account-actions.ts';
import type { ActionsRepository, WaitingAction } from './actions-repository.ts';
import type { Definitions } from './definitions.ts';
import type { Moves } from './moves.ts';
import { notes } from './notes.ts';
import { settlementOf } from './settlement.ts';
import type { ProcessTables } from './tables.ts';

/** Milliseconds that the calls of one try may take; whoever answers a client gives them half of its time at most. */
const callMs = 5000;
/** Whoever dies while it acts keeps others from it for so long: more than a try and what it writes afterwards take. */
const leaseMs = 15_000;
/** So long the request that ordered an action has it for itself. */
const headStartMs = 2000;
const firstRetryMs = 1000;
const longestRetryMs = 10_000;
const actionsAtOnce = 8;

/**
 * Does what processes order, at least once: the order is a row that stays until its result is written, and nothing is
 * locked while the user service is asked. Who does it holds a lease on the row.
 */
export function createActions({
  repository,
  accountActions,
  moves,
  definitions,
  outbox,
  clock,
  logger,
  newId,
}: {
  repository: ActionsRepository;
  accountActions: AccountActions;
  moves: Pick<Moves, 'visit' | 'actionDone' | 'settle'>;
  definitions: Pick<Definitions, 'version'>;
  outbox: Pick<Outbox<ProcessTables>, 'wake'>;
  clock: Clock;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Names a look in logs and events, as a request's id does. */
  newId: () => string;
}) {
  /** Under the lock of the instance whoever comes first moves it on; the others find the order gone. */
  async function finish(action: WaitingAction, performed: Performed, requestId: string): Promise<void> {
    const definition = await definitions.version(action.process_name, action.version);
    const source = { requestId, ...callerOf(action) };
    if (performed.result === 'refused') {
      const { instance_id: instanceId, action: name } = action;
      logger.info({ requestId, instanceId, action: name, code: performed.code }, 'an action is refused');
    }
    const settlement =
      performed.result === 'refused' ? settlementOf(definition, performed.status) : undefined;
    await repository.transaction(async (tx) => {
      if (settlement === undefined) {
        await moves.actionDone(tx, { action, definition }, performed.result, source);
        return;
      }
      const visit = await moves.visit(tx, action.instance_id, source);
      if (visit === null || !(await repository.isWaiting(tx, action.id))) return;
      visit.note(notes.performed(action.step, action.action, 'refused'), 'platform');
      await visit.leave();
      await moves.settle(tx, action.instance_id, settlement.outcome, source);
    });
    outbox.wake();
  }

  /** One try of an action that this replica holds. Answers whether it is done with; never fails. */
  async function attempt(
    action: WaitingAction,
    context: Pick<CallContext, 'requestId' | 'deadline'>,
  ): Promise<boolean> {
    const { requestId } = context;
    try {
      await finish(action, await accountActions.perform(action, context), requestId);
      return true;
    } catch (error) {
      const { id, instance_id: instanceId, action: name, attempts } = action;
      const retryMs = Math.min(firstRetryMs * 2 ** (attempts - 1), longestRetryMs);
      const line = {
        requestId,
        instanceId,
        action: name,
        attempts,
        retryMs,
        code: codeOf(error),
        err: error,
      };
      logger.warn(line, 'an action is not done yet; it is tried again');
      // Without it, it is tried again when the lease ends.
      await repository.putBack(id, attempts, new Date(clock() + retryMs)).catch(() => undefined);
      return false;
    }
  }

  async function take(limit: number, instanceId?: number): Promise<WaitingAction[]> {
    const now = clock();
    return repository.take({
      now: new Date(now),
      orderedBefore: new Date(now - headStartMs),
      leasedUntil: new Date(now + leaseMs),
      limit,
      instanceId,
    });
  }

  return {
    /** Does all that waits and whose time has come, until nothing is left or `signal` says stop. */
    async work(signal: AbortSignal): Promise<void> {
      const requestId = `action-${newId()}`;
      for (let more = true; more && !signal.aborted; ) {
        const taken = await take(actionsAtOnce);
        const deadline = clock() + callMs;
        await Promise.all(taken.map((action) => attempt(action, { requestId, deadline })));
        more = taken.length === actionsAtOnce;
      }
    },

    /**
     * Does what an instance has just ordered, so that the answer can tell of it if it is quick; the deadline is
     * kept. Never fails: what is not done now is done later.
     */
    async attempt(instanceId: number, context: Pick<CallContext, 'requestId' | 'deadline'>): Promise<void> {
      const { requestId } = context;
      const now = clock();
      const deadline = now + Math.min((context.deadline - now) / 2, callMs);
      try {
        for (let done = true; done && clock() < deadline; ) {
          const [action] = await take(1, instanceId);
          done = action !== undefined && (await attempt(action, { requestId, deadline }));
        }
      } catch (error) {
        logger.warn({ requestId, instanceId, code: codeOf(error), err: error }, 'actions are left for later');
      }
    },
  };
}
export type Actions = ReturnType<typeof createActions>;
