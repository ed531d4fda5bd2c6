import type { DomainEvent } from '@vestibule/shared/contracts/event';
import { anyOf } from '@vestibule/shared/database/any-of';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { AuditLogTable, AuthTables } from '../tables.ts';
import { type AuditHead, type AuditRow, emptyHead, hashOf } from './audit-chain.ts';
import { type AuditDraft, draftOf } from './audit-draft.ts';

/** Which lines are asked for; undefined: whatever it is. */
export type AuditFilter = {
  /** As the one who did it or to whom it was done. */
  account: number | undefined;
  action: string | undefined;
  from: Date | undefined;
  to: Date | undefined;
};

const rowsAtOnce = 1000;
/** Notes that one transaction makes lines of. */
const notesAtOnce = 500;

const rowOf = (row: Selectable<AuditLogTable>): AuditRow => ({
  number: row.number,
  at: row.at,
  action: row.action,
  actorId: row.actor_id,
  accountId: row.account_id,
  address: row.address,
  requestId: row.request_id,
  details: row.details,
  eventId: row.event_id,
  hash: row.hash,
});

/** All SQL on the audit log. */
export function createAuditRepository({ db }: { db: Kysely<AuthTables> }) {
  function matching({ account, action, from, to }: AuditFilter) {
    let query = db.selectFrom('audit_log');
    if (account !== undefined) {
      query = query.where(({ eb, or }) => or([eb('actor_id', '=', account), eb('account_id', '=', account)]));
    }
    if (action !== undefined) query = query.where('action', '=', action);
    if (from !== undefined) query = query.where('at', '>=', from);
    if (to !== undefined) query = query.where('at', '<=', to);
    return query;
  }

  /** The last line, as it was recorded beside the log. */
  async function head(): Promise<AuditHead> {
    return (await db.selectFrom('audit_head').selectAll().executeTakeFirst()) ?? emptyHead;
  }

  /** Takes the oldest notes, in their order. */
  async function takeNotes(tx: Transaction<AuthTables>): Promise<AuditDraft[]> {
    const taken = await tx
      .deleteFrom('audit_notes')
      .where('number', 'in', (expression) =>
        expression.selectFrom('audit_notes').select('number').orderBy('number').limit(notesAtOnce),
      )
      .returning(['number', 'event'])
      .execute();
    return taken.sort((a, b) => a.number - b.number).map(({ event }) => draftOf(event as DomainEvent)); // Whoever noted it checked it.
  }

  return {
    head,

    /** Whether anything is noted that has no line yet. */
    async hasNotes(): Promise<boolean> {
      const oldest = db.selectFrom('audit_notes').select('number').orderBy('number').limit(1);
      return (await oldest.executeTakeFirst()) !== undefined;
    },

    /**
     * Adds lines in their order, those left out whose event has one already; before them, of what was noted until then,
     * as many as one transaction takes. One writer at a time, on however many replicas: each waits for the head.
     */
    async append(drafts: readonly AuditDraft[]): Promise<void> {
      await db.transaction().execute(async (tx) => {
        let last = await tx.selectFrom('audit_head').selectAll().forUpdate().executeTakeFirstOrThrow();
        const all = [...(await takeNotes(tx)), ...drafts];
        if (all.length === 0) return;
        const ids = all.map(({ eventId }) => eventId);
        const found = await tx
          .selectFrom('audit_log')
          .select('event_id')
          .where('event_id', '=', anyOf(ids, 'uuid'))
          .execute();
        const seen = new Set(found.map(({ event_id }) => event_id));
        const rows: AuditLogTable[] = [];
        for (const draft of all) {
          if (seen.has(draft.eventId)) continue;
          seen.add(draft.eventId);
          const placed = { ...draft, number: last.number + 1 };
          last = { number: placed.number, hash: hashOf(last.hash, placed) };
          rows.push({
            number: placed.number,
            at: draft.at,
            action: draft.action,
            actor_id: draft.actorId,
            account_id: draft.accountId,
            address: draft.address,
            request_id: draft.requestId,
            details: JSON.stringify(draft.details),
            event_id: draft.eventId,
            hash: last.hash,
          });
        }
        if (rows.length === 0) return;
        await tx.insertInto('audit_log').values(rows).execute();
        await tx.updateTable('audit_head').set(last).execute();
      });
    },

    /** Newest first. */
    async page(
      filter: AuditFilter,
      { offset, limit }: { offset: number; limit: number },
    ): Promise<AuditRow[]> {
      const rows = await matching(filter)
        .selectAll()
        .orderBy('number', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return rows.map(rowOf);
    },

    async count(filter: AuditFilter): Promise<number> {
      // Numbers have no gap.
      if (Object.values(filter).every((value) => value === undefined)) return (await head()).number;
      const { total } = await matching(filter)
        .select(sql<number>`count(*)`.as('total'))
        .executeTakeFirstOrThrow();
      return total;
    },

    /** All of it, oldest first. */
    async *all(): AsyncGenerator<AuditRow> {
      for (let after = 0; ; ) {
        const rows = await db
          .selectFrom('audit_log')
          .selectAll()
          .where('number', '>', after)
          .orderBy('number')
          .limit(rowsAtOnce)
          .execute();
        yield* rows.map(rowOf);
        if (rows.length < rowsAtOnce) return;
        after = rows.at(-1)?.number ?? after;
      }
    },
  };
}
export type AuditRepository = ReturnType<typeof createAuditRepository>;
