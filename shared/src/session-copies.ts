import type { Clock } from './call-context.ts';
import { Access } from './contracts/account.ts';
import type { LiveSession } from './contracts/auth.ts';
import { type Static, type TSchema, Type, type TypeCheck, TypeCompiler } from './schema.ts';
import type { Store } from './store/store.ts';

/**
 * Whether a token's session is alive is decided by two rows: the session's (auth) and its account's (user).
 * Each owner keeps a copy of its row in the store, for `copyTtlMs` after the row was read at most; the
 * gateway reads both copies in one round trip and asks auth when one is missing.
 *
 * Whoever changes a row commits, then raises the copy's floor, then answers: no call that starts after the
 * answer finds the old copy, and no fill that began before it can put it back. `readAt` bounds a copy's life
 * even when the store was frozen between the read and the fill. Clocks of the machines may differ by what
 * NTP leaves.
 */
export const copyTtlMs = 5000;
/** How long a floor refuses late fills: well over the longest deadline. */
export const floorTtlMs = 60_000;

const SessionCopy = Type.Object({
  sessionId: Type.String(),
  /** Null: a proved openid's alone, whether it has an account or not. */
  accountId: Type.Union([Type.Integer(), Type.Null()]),
  /** The account that such an openid has; absent: none yet, or the copy is of a version that did not ask. */
  ownerId: Type.Optional(Type.Integer()),
  /** Of the proved openid; the store must not know the openid itself. */
  openidHash: Type.Union([Type.String(), Type.Null()]),
  /** The session epoch of the account, or of the openid's owner, when the session was opened. */
  sessionEpoch: Type.Integer(),
  ended: Type.Boolean(),
});
export type SessionCopy = Static<typeof SessionCopy>;

const sessionEnvelope = TypeCompiler.Compile(Type.Object({ readAt: Type.Number(), row: SessionCopy }));
const accessEnvelope = TypeCompiler.Compile(Type.Object({ readAt: Type.Number(), row: Access }));

const sessionKey = (sessionId: string) => `session:${sessionId}`;
const accessKey = (accountId: number) => `access:${accountId}`;

/** An ended session is version 1 and a live one 0: ending it is its only change. */
const versionOf = (session: SessionCopy) => (session.ended ? 1 : 0);

/** Text that is no copy, or one of another version of this code, is as good as none. */
function parse<S extends TSchema>(check: TypeCheck<S>, text: string | null): Static<S> | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return check.Check(value) ? value : null;
  } catch {
    return null;
  }
}

export type SessionVerdict = LiveSession | 'dead' | 'unknown';

/** Where the session epochs of accounts begin, and what an openid without an account is at. */
export const firstEpoch = 0;

/**
 * The rule itself: what a session's and an account's rows say together. `access` of a proved openid's session is that
 * of the account which the openid has by now: such a session gives no rights of that account, and ends with its others.
 */
export function judge(session: SessionCopy, access: Access | null): LiveSession | 'dead' {
  if (session.ended) return 'dead';
  if (session.accountId === null) {
    if ((access?.sessionEpoch ?? firstEpoch) !== session.sessionEpoch) return 'dead';
    return { sessionId: session.sessionId, account: null, openidHash: session.openidHash };
  }
  if (access === null || access.status === 'frozen' || access.status === 'deleted') return 'dead';
  if (access.sessionEpoch !== session.sessionEpoch) return 'dead';
  const account = { id: access.accountId, role: access.role, status: access.status };
  return { sessionId: session.sessionId, account, openidHash: session.openidHash };
}

/** The copies, for those who write them (auth, user) and for who reads them (gateway). */
export function sessionCopies({ store, clock }: { store: Store; clock: Clock }) {
  const fresh = (readAt: number) => clock() - readAt < copyTtlMs;
  const fill = (key: string, row: unknown, version: number, readAt: number) =>
    store.fill(key, JSON.stringify({ readAt, row }), version, copyTtlMs);

  /** That somebody has got an account since is in no copy, so an openid without one is always asked about. */
  async function ownersText({ accountId, ownerId }: SessionCopy): Promise<string | null> {
    if (accountId !== null || ownerId === undefined) return null;
    const [text = null] = await store.getMany([accessKey(ownerId)]);
    return text;
  }

  return {
    /** `unknown` when a copy is missing or too old: ask auth. Throws `store-unavailable`. */
    async read(sessionId: string, accountId: number | null): Promise<SessionVerdict> {
      const keys =
        accountId === null ? [sessionKey(sessionId)] : [sessionKey(sessionId), accessKey(accountId)];
      const [sessionText = null, accessText = null] = await store.getMany(keys);
      const session = parse(sessionEnvelope, sessionText);
      if (session === null || !fresh(session.readAt)) return 'unknown';
      if (session.row.ended) return 'dead';
      const access = parse(accessEnvelope, accessText ?? (await ownersText(session.row)));
      if (access === null || !fresh(access.readAt)) return 'unknown';
      return judge(session.row, access.row);
    },
    /** `readAt`: when the row was asked for, before the query. */
    fillSession: (row: SessionCopy, readAt: number) =>
      fill(sessionKey(row.sessionId), row, versionOf(row), readAt),
    fillAccess: (row: Access, readAt: number) => fill(accessKey(row.accountId), row, row.version, readAt),
    /** After the commit that ended a session, before its answer. */
    raiseSession: (sessionId: string) => store.raise(sessionKey(sessionId), 1, floorTtlMs),
    /** After the commit that made an account's access `version`, before its answer. */
    raiseAccess: (accountId: number, version: number) =>
      store.raise(accessKey(accountId), version, floorTtlMs),
  };
}
export type SessionCopies = ReturnType<typeof sessionCopies>;
