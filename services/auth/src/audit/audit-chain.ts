import { createHash } from 'node:crypto';

/** A line of the audit log as it is kept; `hash` ties it to all lines before it. */
export type AuditRow = {
  /** 1, 2, 3 without a gap. */
  number: number;
  at: Date;
  action: string;
  actorId: number | null;
  accountId: number | null;
  address: string | null;
  requestId: string;
  details: unknown;
  eventId: string;
  hash: string;
};

/** Where the chain ends. */
export type AuditHead = Pick<AuditRow, 'number' | 'hash'>;

/** Where the chain of an empty log ends. */
export const emptyHead: AuditHead = { number: 0, hash: '0'.repeat(64) };

/** Objects with their names in order, as no database keeps them. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, ordered(inner)]),
  );
}

/** SHA-256, in hex, over the hash of the line before and all that this line says. */
export function hashOf(previous: string, row: Omit<AuditRow, 'hash'>): string {
  const { number, at, action, actorId, accountId, address, requestId, details, eventId } = row;
  const said = [number, at.toISOString(), action, actorId, accountId, address, requestId, eventId];
  return createHash('sha256')
    .update(`${previous}\n${JSON.stringify([...said, ordered(details)])}`)
    .digest('hex');
}

export type Verdict = { entries: number; head: AuditHead; fault: string | null };

/** Follows the chain from its beginning to where it should end; `fault` says where it breaks first. */
export async function verifyChain(rows: AsyncIterable<AuditRow>, recorded: AuditHead): Promise<Verdict> {
  let head = emptyHead;
  for await (const { hash, ...row } of rows) {
    const expected = head.number + 1;
    const verdict = (fault: string) => ({ entries: head.number, head, fault });
    if (row.number !== expected) return verdict(`entry ${expected} is missing`);
    if (hash !== hashOf(head.hash, row)) return verdict(`entry ${expected} was altered`);
    head = { number: row.number, hash };
  }
  const entries = head.number;
  if (entries < recorded.number) return { entries, head, fault: `entry ${entries + 1} is missing` };
  if (entries > recorded.number || head.hash !== recorded.hash) {
    return { entries, head, fault: `entry ${recorded.number + 1} was not written by the service` };
  }
  return { entries, head, fault: null };
}
