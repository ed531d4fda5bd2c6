import type { AuditEntry, authContracts } from '@vestibule/shared/contracts/auth';
import type { ReplyOf } from '@vestibule/shared/contracts/contract';
import { type processContracts, processPageSize } from '@vestibule/shared/contracts/process';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { list, type Views } from './present.ts';

/** Entries of the audit log on a page of an export. */
export const auditPageSize = 100;

type Kept = {
  own: ReplyOf<typeof userContracts.export>;
  sessions: ReplyOf<typeof authContracts.sessions>;
  processes: ReplyOf<typeof processContracts.export>;
  audit: ReplyOf<typeof authContracts.auditLog>;
};

/** Writes all that is kept of an account for its owner, with a page of what may be very much. */
export function createExportView(time: (iso: string) => string, views: Views) {
  const timeOrNull = (iso: string | null) => (iso === null ? null : time(iso));

  function account({ account, wxUserinfo }: Kept['own']) {
    const { profile } = account;
    return {
      ...views.user({ account, wxUserinfo }),
      status: account.status,
      nickname: account.nickname,
      first_name: profile.firstName,
      last_name: profile.lastName,
      position: profile.position,
      qq: profile.qq,
      cardno: profile.cardno,
      wxid: profile.wxid,
    };
  }

  /** Who else did something to the account, and from where, is not its owner's to know. */
  const auditEntry = (id: number, { at, action, actorId, address, details }: AuditEntry) => ({
    at: time(at),
    action,
    own: actorId === id,
    address: actorId === id ? address : null,
    details: views.detailsOf(details),
  });

  return (page: number, { own, sessions: { sessions }, processes, audit }: Kept) => ({
    user: account(own),
    identities: own.identities,
    has_password: own.hasPassword,
    avatar: own.avatar && { content_type: own.avatar.contentType, data: own.avatar.data },
    searches: own.searches,
    sessions: sessions.map(({ createdAt, expiresAt, endedAt }) => ({
      created_at: time(createdAt),
      expires_at: time(expiresAt),
      ended_at: timeOrNull(endedAt),
    })),
    processes: list(
      page,
      processPageSize,
      processes.total,
      processes.instances.map(({ instance, acts }) => ({
        ...views.head(instance),
        acts: acts.map(views.history),
      })),
    ),
    audit: list(
      page,
      auditPageSize,
      audit.total,
      audit.entries.map((entry) => auditEntry(own.account.id, entry)),
    ),
  });
}
