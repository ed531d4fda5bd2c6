import type { AuditEntry, authContracts } from '@vestibule/shared/contracts/auth';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { type DomainEvent, eventKinds } from '@vestibule/shared/contracts/event';
import type { Consumer } from '@vestibule/shared/events/events';
import type { AuditRow } from './audit-chain.ts';
import { type AuditDraft, draftOf } from './audit-draft.ts';
import type { AuditRepository } from './audit-repository.ts';

type AuditLogContract = typeof authContracts.auditLog;

/** How many lines one transaction writes at most. */
const linesAtOnce = 100;

const entryOf = ({ at, details, eventId, hash, ...row }: AuditRow): AuditEntry => ({
  ...row,
  at: at.toISOString(),
  details: details as AuditEntry['details'], // The data of an event, which is an object.
});

/** Writes down who did what to whom, from where and when; and shows it. */
export function createAuditLog({ repository }: { repository: AuditRepository }) {
  const waiting: { draft: AuditDraft; written: PromiseWithResolvers<void> }[] = [];
  let writing = false;

  /** What comes while one transaction is under way goes into the next one together. */
  async function writeAll(): Promise<void> {
    if (writing) return;
    writing = true;
    for (let next = waiting.splice(0, linesAtOnce); next.length > 0; next = waiting.splice(0, linesAtOnce)) {
      try {
        await repository.append(next.map(({ draft }) => draft));
        for (const { written } of next) written.resolve();
      } catch (error) {
        for (const { written } of next) written.reject(error);
      }
    }
    writing = false;
  }

  async function write(events: readonly DomainEvent[]): Promise<void> {
    const lines = events.map((event) => ({ draft: draftOf(event), written: Promise.withResolvers<void>() }));
    waiting.push(...lines);
    void writeAll();
    await Promise.all(lines.map(({ written }) => written.promise));
  }

  const consumer: Consumer = {
    name: 'auth-audit',
    kinds: eventKinds,
    handle: (event) => write([event]),
    handleAll: write,
  };

  return {
    consumer,

    /** A page of it, newest first. */
    async list({
      page,
      perPage,
      ...filter
    }: RequestOf<AuditLogContract>): Promise<ReplyOf<AuditLogContract>> {
      const { account, action, from, to } = filter;
      const wanted = {
        account,
        action,
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
      };
      const rows = await repository.page(wanted, { offset: (page - 1) * perPage, limit: perPage });
      return { total: await repository.count(wanted), entries: rows.map(entryOf) };
    },
  };
}
export type AuditLog = ReturnType<typeof createAuditLog>;
