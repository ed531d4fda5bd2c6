import type { AccountStatus, Role } from '@vestibule/shared/contracts/account';
import { createOutboxWriter } from '@vestibule/shared/outbox/outbox-writer';
import type { Parts } from '@vestibule/shared/parts';
import { sessionCopies } from '@vestibule/shared/session-copies';
import { createAccessRepository } from './access-repository.ts';
import { assignmentRefusal, withRole } from './access-rules.ts';
import { settle } from './access-settlement.ts';
import { createChange } from './changes.ts';
import { migrations } from './migrations/index.ts';
import type { UserTables } from './tables.ts';

/** What an operator's assignment found and did. */
export type Assignment = {
  from: Role;
  to: Role;
  status: AccountStatus;
  /** The store did not answer: a copy of the old role may count for `copyTtlMs` yet. */
  copyKept: boolean;
};

/**
 * Gives an account a role in an operator's name, `admin` too, and the one way in which an admin becomes something
 * else. Its event waits in the outbox for the service. Fails with `account-unknown`, also for deleted ones, and
 * `last-admin`.
 */
export async function assignRole(
  { database, store, clock }: Pick<Parts, 'database' | 'store' | 'clock'>,
  { id, role, requestId }: { id: number; role: Role; requestId: string },
): Promise<Assignment> {
  const db = await database.open<UserTables>({ schema: 'users', migrations });
  const outbox = { ...createOutboxWriter<UserTables>({ clock }), wake() {} };
  const repository = createAccessRepository({ db, change: createChange({ db, outbox }) });
  const changed = await repository.change(
    id,
    async (access, { anotherAdmin }) =>
      (await assignmentRefusal(access, role, anotherAdmin)) ?? withRole(access, role),
    { at: new Date(clock()), source: { requestId } },
  );
  let copyKept = false;
  const { before, after } = await settle(changed, sessionCopies({ store, clock }), () => {
    copyKept = true;
  });
  return { from: before.role, to: after.role, status: after.status, copyKept };
}
