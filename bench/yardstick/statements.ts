import type { AccountStatus, Role } from '@vestibule/shared/contracts/account';
import type { Pool, QueryResultRow } from 'pg';

type RecordRow = {
  id: number;
  status: AccountStatus;
  email: string;
  name: string;
  nickname: string | null;
  phone: string;
  position: string;
};
type ListedRow = RecordRow & { created_at: Date };
type AccessRow = { role: Role; status: AccountStatus; session_epoch: number };

export type NewAccount = {
  id: number;
  role: Role;
  firstName: string;
  lastName: string;
  firstNameFolded: string;
  lastNameFolded: string;
  hash: string;
};
export type NewSession = { id: string; epoch: number; createdAt: Date; expiresAt: Date };
export type Origin = { address: string; requestId: string };

const record = `
  a.id, a.status, a.email, a.name, a.phone, a.position,
  (select value from users.identities i where i.account_id = a.id and i.kind = 'nickname') as nickname`;

/** A session, and a line in the log that tells of it. Parameters from the one given on. */
const sessionOf = (account: string, from: number) => `
  opened as (
    insert into auth.sessions (id, account_id, session_epoch, created_at, expires_at)
    select $${from}, id, $${from + 1}, $${from + 2}, $${from + 3} from ${account}
  ),
  noted as (
    insert into yardstick.audit_log (at, action, account_id, address, request_id)
    select $${from + 2}, 'session.opened', id, $${from + 4}, $${from + 5} from ${account}
  )`;

/** All SQL of the yardstick: one statement for each thing, prepared once on each connection. */
export function createStatements(pool: Pool) {
  async function rows<Row extends QueryResultRow>(name: string, text: string, values: unknown[]) {
    return (await pool.query<Row>({ name, text, values })).rows;
  }
  const sessionValues = (session: NewSession, { address, requestId }: Origin) => [
    session.id,
    session.epoch,
    session.createdAt,
    session.expiresAt,
    address,
    requestId,
  ];

  return {
    async record(id: number): Promise<RecordRow | undefined> {
      const text = `select ${record} from users.accounts a where a.id = $1`;
      const [row] = await rows<RecordRow>('record', text, [id]);
      return row;
    },

    /** A page of those that are not deleted, newest first, with their number, which is counted. */
    async page(limit: number, offset: number): Promise<{ total: number; accounts: ListedRow[] }> {
      const counted = `select count(*) from users.accounts where status <> 'deleted'`;
      const text = `
        select (${counted})::int as total, ${record}, a.created_at from users.accounts a where a.status <> 'deleted'
        order by a.created_at desc, a.id desc limit $1 offset $2`;
      const accounts = await rows<ListedRow & { total: number }>('page', text, [limit, offset]);
      return { total: accounts[0]?.total ?? 0, accounts };
    },

    /** Ids in falling order of those whose folded first name is this. */
    async search(firstName: string, limit: number, offset: number): Promise<number[]> {
      const text = `
        select id from users.accounts where status <> 'deleted' and first_name_folded = $1
        order by id desc limit $2 offset $3`;
      return (await rows<{ id: number }>('search', text, [firstName, limit, offset])).map(({ id }) => id);
    },

    /** What decides whether a session lives: its own row, and its account's. */
    async liveSession(sessionId: string, now: Date) {
      const text = `
        select s.session_epoch as opened_at_epoch, s.ended_at is not null as ended, a.role, a.status, a.session_epoch
        from auth.sessions s join users.accounts a on a.id = s.account_id where s.id = $1 and s.expires_at > $2`;
      type Row = AccessRow & { opened_at_epoch: number; ended: boolean };
      const [row] = await rows<Row>('live-session', text, [sessionId, now]);
      return row;
    },

    async credentials(id: number) {
      const text = `
        select a.role, a.status, a.session_epoch, p.hash
        from users.accounts a join users.passwords p on p.account_id = a.id where a.id = $1`;
      const [row] = await rows<AccessRow & { hash: string }>('credentials', text, [id]);
      return row;
    },

    /** A session of somebody whose password was right, and that they were signed in from there. */
    async openSession(accountId: number, session: NewSession, origin: Origin, known: [string, string]) {
      const text = `
        with account as (select $1::bigint as id), ${sessionOf('account', 2)},
        known as (
          insert into auth.known_addresses (subject, address, last_seen_at) values ($8, $9, $4)
          on conflict (subject, address) do update set last_seen_at = excluded.last_seen_at
        ) select`;
      await rows('open-session', text, [accountId, ...sessionValues(session, origin), ...known]);
    },

    /** An account with its password and first session; false when its id is taken. */
    async register(account: NewAccount, session: NewSession, origin: Origin): Promise<boolean> {
      const text = `
        with account as (
          insert into users.accounts (
            id, role, status, first_name, last_name, first_name_folded, last_name_folded, created_at, modified_at
          ) values ($1, $2, 'active', $3, $4, $5, $6, $10, $10) on conflict (id) do nothing returning id
        ), ${sessionOf('account', 8)},
        secret as (
          insert into users.passwords (account_id, hash, changed_at) select id, $7, $10 from account
        ),
        told as (
          insert into yardstick.audit_log (at, action, account_id, address, request_id)
          select $10, 'account.created', id, $12, $13 from account
        ) select id from account`;
      const { id, role, firstName, lastName, firstNameFolded, lastNameFolded, hash } = account;
      const named = [firstName, lastName, firstNameFolded, lastNameFolded];
      const values = [id, role, ...named, hash, ...sessionValues(session, origin)];
      return (await rows('register', text, values)).length === 1;
    },
  };
}
export type Statements = ReturnType<typeof createStatements>;
