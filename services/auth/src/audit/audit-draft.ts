import type { DomainEvent } from '@vestibule/shared/contracts/event';
import type { AuditRow } from './audit-chain.ts';

/** What is to be written, before it has its place in the chain. */
export type AuditDraft = Omit<AuditRow, 'number' | 'hash'>;

/** To which account something was done: of a process its applicant's; null where it was no account. */
function accountOf({ data }: DomainEvent): number | null {
  if ('accountId' in data) return data.accountId;
  return 'applicantId' in data ? data.applicantId : null;
}

/** What the log says of an event. */
export function draftOf(event: DomainEvent): AuditDraft {
  const { id, kind, at, requestId, actorId, address, data } = event;
  return {
    at: new Date(at),
    action: kind,
    actorId,
    accountId: accountOf(event),
    address,
    requestId,
    details: data,
    eventId: id,
  };
}
