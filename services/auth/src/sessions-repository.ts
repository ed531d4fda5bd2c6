import type { EventData } from '@vestibule/shared/contracts/event';
import { anyOf } from '@vestibule/shared/database/any-of';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import { gatherReads } from '@vestibule/shared/gathered-reads';
import { gatherWrites } from '@vestibule/shared/gathered-writes';
import { openidHash } from '@vestibule/shared/openid-hash';
import type { EventSource, NewEvent, Outbox } from '@vestibule/shared/outbox/outbox';
import type { SessionCopy } from '@vestibule/shared/session-copies';
import { type Kysely, type Selectable, sql } from 'kysely';
import { type KnownAddress, seenAgain } from './guess-repository.ts';
import type { AuthTables, KnownAddressesTable, SessionsTable } from './tables.ts';

/** A session as its row says, the account left aside; `openid` as in its draft. */
export type SessionRecord = { session: SessionCopy; openid: string | null; expiresAt: Date };

/** A session that is to be written. */
export type SessionDraft = Pick<SessionCopy, 'sessionId' | 'accountId' | 'sessionEpoch'> & {
  /** The proved openid whose alone the session is, else null. */
  openid: string | null;
  createdAt: Date;
  expiresAt: Date;
};

/** When a session began and ends; `endedAt` null: not before it expires. */
export type SessionTimes = { createdAt: Date; expiresAt: Date; endedAt: Date | null };

/** By what a session of an account was opened. */
export type SessionWay = 'password' | 'wechat' | 'registration';

const rowOf = (draft: SessionDraft) => ({
  id: draft.sessionId,
  account_id: draft.accountId,
  openid: draft.openid,
  session_epoch: draft.sessionEpoch,
  created_at: draft.createdAt,
  expires_at: draft.expiresAt,
});

const sessionColumns = ['id', 'account_id', 'openid', 'session_epoch', 'created_at', 'expires_at'] as const;

/** A session with what is written beside it: where it was opened from, and what is noted for the audit log. */
type GivenRow = ReturnType<typeof rowOf> & {
  [part in keyof KnownAddressesTable]: KnownAddressesTable[part] | null;
} & {
  event: string | null;
};

const givenRows = (rows: string) =>
  sql<GivenRow>`jsonb_to_recordset(${rows}::jsonb)`.as<'row'>(
    sql`"row" (
      id text, account_id int8, openid text, session_epoch int4, created_at timestamptz, expires_at timestamptz,
      subject text, address text, last_seen_at timestamptz, event text
    )`,
  );

type SessionRow = Omit<Selectable<SessionsTable>, 'created_at'>;

function recordOf(row: SessionRow): SessionRecord {
  const session = {
    sessionId: row.id,
    accountId: row.account_id,
    openidHash: row.openid === null ? null : openidHash(row.openid),
    sessionEpoch: row.session_epoch,
    ended: row.ended_at !== null,
  };
  return { session, openid: row.openid, expiresAt: row.expires_at };
}

const eventKey = (accountId: number) => `account:${accountId}`;

/** All SQL on sessions, and on the events that tell of them. */
export function createSessionsRepository({
  db,
  outbox,
  wakeNotes,
}: {
  db: Kysely<AuthTables>;
  outbox: Outbox<AuthTables>;
  /** Says that there is something for the audit log. */
  wakeNotes: () => void;
}) {
  const byIds = fixedQuery(db, ({ sessionIds }: { sessionIds: readonly string[] }) =>
    db
      .selectFrom('sessions')
      .select(['id', 'account_id', 'openid', 'session_epoch', 'expires_at', 'ended_at'])
      .where('id', '=', anyOf(sessionIds, 'text')),
  );

  /** However many rows, the statement is the same text; it needs no transaction: all that it says is written, or nothing. */
  const insertAll = fixedQuery(db, ({ rows }: { rows: string }) =>
    db
      .with('given', (part) => part.selectFrom(givenRows(rows)).selectAll())
      .with('opened', (part) =>
        part
          .insertInto('sessions')
          .columns(sessionColumns)
          .expression(({ selectFrom }) => selectFrom('given').select(sessionColumns)),
      )
      .with('known', (part) =>
        part
          .insertInto('known_addresses')
          .columns(['subject', 'address', 'last_seen_at'])
          .expression(({ selectFrom }) =>
            selectFrom('given')
              .select(({ fn }) => ['subject', 'address', fn.max('last_seen_at').as('last_seen_at')])
              .where('subject', 'is not', null)
              .groupBy(['subject', 'address'])
              // In one order everywhere: two that each hold what the other wants next would block each other.
              .orderBy('subject')
              .orderBy('address'),
          )
          .onConflict(seenAgain),
      )
      .insertInto('audit_notes')
      .columns(['event'])
      .expression(({ selectFrom }) =>
        selectFrom('given').select(sql`event::jsonb`.as('event')).where('event', 'is not', null),
      ),
  );

  const write = gatherWrites(async (rows: readonly GivenRow[]) => {
    await insertAll({ rows: JSON.stringify(rows) });
    wakeNotes();
  });

  return {
    /** With a note that it was `opened`, if that is for somebody with an account, and with where it was opened `from`. */
    async insert(
      draft: SessionDraft,
      { opened, from }: { opened: EventData<'session.opened'> | null; from: KnownAddress | null },
      source: EventSource,
    ): Promise<void> {
      const noted: NewEvent | null = opened && {
        kind: 'session.opened',
        key: eventKey(opened.accountId),
        data: opened,
      };
      await write({
        ...rowOf(draft),
        subject: from?.subject ?? null,
        address: from?.address ?? null,
        last_seen_at: from?.lastSeenAt ?? null,
        event: noted && outbox.encode(noted, source),
      });
    },

    /** Null when there is no such session. */
    find: gatherReads(async (sessionIds: readonly string[]) => {
      const rows = await byIds({ sessionIds });
      return new Map(rows.map((row) => [row.id, recordOf(row)]));
    }),

    /** Those of an account, newest first. */
    async ofAccount(accountId: number, limit: number): Promise<SessionTimes[]> {
      const rows = await db
        .selectFrom('sessions')
        .select(['created_at', 'expires_at', 'ended_at'])
        .where('account_id', '=', accountId)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        endedAt: row.ended_at,
      }));
    },

    /**
     * The first end counts, and is told of if the session is an account's or, as that of an openid, `ownerId`'s; an
     * unknown session stays unknown.
     */
    async end(sessionId: string, endedAt: Date, ownerId: number | null, source: EventSource): Promise<void> {
      const told = await db.transaction().execute(async (tx) => {
        const ended = await tx
          .updateTable('sessions')
          .set({ ended_at: endedAt })
          .where('id', '=', sessionId)
          .where('ended_at', 'is', null)
          .returning('account_id')
          .executeTakeFirst();
        const accountId = ended && (ended.account_id ?? ownerId);
        if (!accountId) return false;
        const event = { kind: 'session.ended', key: eventKey(accountId), data: { accountId } } as const;
        await outbox.add(tx, [event], source);
        return true;
      });
      if (told) outbox.wake();
    },

    /** Removes up to `limit` sessions that expired before `now`, leaving alone those another replica is at. */
    async removeExpired(now: Date, limit: number): Promise<number> {
      const removed = await db
        .deleteFrom('sessions')
        .where('id', 'in', (expression) =>
          expression
            .selectFrom('sessions')
            .select('id')
            .where('expires_at', '<=', now)
            .orderBy('expires_at')
            .limit(limit)
            .forUpdate()
            .skipLocked(),
        )
        .executeTakeFirst();
      return Number(removed.numDeletedRows);
    },
  };
}
export type SessionsRepository = ReturnType<typeof createSessionsRepository>;
