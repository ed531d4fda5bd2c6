import { type Kysely, type Selectable, sql } from 'kysely';
import type { AccountAction } from './definition.ts';
import type { ProcessTransaction } from './moves-repository.ts';
import type { ActionsTable, InstancesTable, ProcessTables } from './tables.ts';

/** A running instance, seen from what befalls its applicant's account. */
export type RunningInstance = Pick<Selectable<InstancesTable>, 'id' | 'process_name' | 'version'> & {
  /** It waits for the action that makes the account what it is now. */
  ordered: Pick<Selectable<ActionsTable>, 'id' | 'instance_id' | 'step' | 'action' | 'actor_id'> | null;
  /** It has had that action done before. */
  performed: boolean;
};

/** All SQL on what an account has to do with running instances. */
export function createApplicantsRepository({ db }: { db: Kysely<ProcessTables> }) {
  return {
    transaction: <T>(work: (tx: ProcessTransaction) => Promise<T>): Promise<T> =>
      db.transaction().execute(work),

    /** The running instances of an applicant, and how each stands to an action; null: to none. */
    async runningOf(applicantId: number, action: AccountAction | null): Promise<RunningInstance[]> {
      const rows = await db
        .selectFrom('instances')
        .leftJoin('actions', (join) =>
          join.onRef('actions.instance_id', '=', 'instances.id').on('actions.action', '=', action),
        )
        .select([
          'instances.id',
          'process_name',
          'version',
          'actions.id as actionId',
          'actions.step',
          'actions.action',
          'actions.actor_id',
        ])
        .select(({ exists, selectFrom }) =>
          exists(
            selectFrom('history')
              .select('number')
              .whereRef('history.instance_id', '=', 'instances.id')
              .where('history.action', '=', 'done')
              .where(sql<boolean>`details ->> 'action' = ${action}`),
          ).as('performed'),
        )
        .where('applicant_id', '=', applicantId)
        .where(sql<boolean>`status = 'running'`)
        .orderBy('instances.id')
        .execute();
      return rows.map(({ actionId, step, action: found, actor_id, performed, ...instance }) => ({
        ...instance,
        performed: performed === true,
        ordered:
          actionId === null || step === null || found === null
            ? null
            : { id: actionId, instance_id: instance.id, step, action: found, actor_id },
      }));
    },

    /**
     * Locks all running instances that an account is the applicant of, or has claimed a task of. Everybody who locks
     * several does so in the order of their ids, so that nobody waits for who waits for them. Answers which of them
     * somebody has taken up.
     */
    async lockAllOf(tx: ProcessTransaction, accountId: number): Promise<ReadonlySet<number>> {
      const locked = await tx
        .selectFrom('instances')
        .select(['id', 'taken_up'])
        .where('id', 'in', (instances) =>
          instances
            .selectFrom('instances')
            .select('id')
            .where('applicant_id', '=', accountId)
            .where(sql<boolean>`status = 'running'`)
            .unionAll(
              instances
                .selectFrom('tasks')
                .select('instance_id as id')
                .where('assignee_id', '=', accountId)
                .where(sql<boolean>`status = 'claimed'`),
            ),
        )
        .orderBy('id')
        .forUpdate()
        .execute();
      return new Set(locked.filter(({ taken_up }) => taken_up).map(({ id }) => id));
    },
  };
}
export type ApplicantsRepository = ReturnType<typeof createApplicantsRepository>;
