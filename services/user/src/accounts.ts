import type { CallContext, Clock } from '@vestibule/shared/call-context';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { AppError } from '@vestibule/shared/errors';
import type { AccountIds } from './account-id.ts';
import type { AccountKey, AccountsRepository } from './accounts-repository.ts';
import { storedAvatar } from './avatars.ts';
import type { ChangeLog } from './change-log.ts';
import { identityKey, newIdentity } from './folding.ts';
import { wechatProfile } from './wechat-profile.ts';

type Contracts = typeof userContracts;

/** What was found; fails with `account-unknown` when nothing was. */
export function known<Found>(found: Found | null): Found {
  if (found === null) throw new AppError('account-unknown');
  return found;
}

/** Making, finding and describing accounts. Deleted ones are found too: the callers decide. */
export function createAccounts({
  repository,
  accountIds,
  clock,
  changeLog,
}: {
  repository: AccountsRepository;
  accountIds: AccountIds;
  clock: Clock;
  changeLog: ChangeLog;
}) {
  return {
    /** Fails with `identity-taken`. */
    async create(
      input: RequestOf<Contracts['create']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['create']>> {
      const { identities, avatar, wxUserinfo, unionid = null, ...draft } = input;
      const now = clock();
      const created = await repository.create(
        {
          ...draft,
          identities: identities.map(newIdentity),
          avatar: avatar === undefined ? null : storedAvatar(avatar),
          wechat: wechatProfile(wxUserinfo, now),
          unionid,
        },
        accountIds(),
        { at: new Date(now), source: context },
      );
      const { id, role, status } = created.account;
      changeLog('account created', id, context, { role, status });
      return created;
    },

    async get({ id }: RequestOf<Contracts['get']>): Promise<ReplyOf<Contracts['get']>> {
      return known(await repository.find({ id })).account;
    },

    async find(identity: RequestOf<Contracts['find']>): Promise<ReplyOf<Contracts['find']>> {
      return known(await repository.find({ identity: identityKey(identity) }));
    },

    async credentials({
      login,
    }: RequestOf<Contracts['credentials']>): Promise<ReplyOf<Contracts['credentials']>> {
      const key: AccountKey = 'id' in login ? login : { identity: identityKey(login) };
      return known(await repository.findCredentials(key));
    },

    async search(input: RequestOf<Contracts['search']>): Promise<ReplyOf<Contracts['search']>> {
      return { ids: await repository.search(input) };
    },
  };
}
