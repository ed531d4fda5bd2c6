import type { CallContext, Clock } from '@vestibule/shared/call-context';
import type { WechatUser } from '@vestibule/shared/contracts/account';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { known } from './accounts.ts';
import type { ChangeLog } from './change-log.ts';
import { newIdentity } from './folding.ts';
import { nameOf } from './profile-changes.ts';
import type { ProfilesRepository, ProfileWriting } from './profiles-repository.ts';
import { wechatProfile } from './wechat-profile.ts';

type Contracts = typeof userContracts;

/** What accounts say of their owners, themselves and through WeChat. */
export function createProfiles({
  repository,
  clock,
  changeLog,
}: {
  repository: ProfilesRepository;
  clock: Clock;
  changeLog: ChangeLog;
}) {
  /** Fails with `account-unknown`, also for deleted ones, and `identity-taken`. */
  const write = async (id: number, writing: ProfileWriting, source: CallContext): Promise<WechatUser> => {
    const occasion = { at: new Date(clock()), source };
    const { changed, ...user } = known(await repository.write(id, writing, occasion));
    if (changed.length > 0) changeLog('profile changed', id, source, { fields: changed.join(' ') });
    return user;
  };

  return {
    /** Fails with `account-unknown`, also for deleted ones, and `identity-taken`. */
    async updateProfile(
      { id, profile, nickname: value }: RequestOf<Contracts['updateProfile']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['updateProfile']>> {
      const nickname = value === undefined ? null : newIdentity({ kind: 'nickname', value });
      return (await write(id, { profile, nickname, wechat: null, unionid: null }, context)).account;
    },

    /** Fails with `account-unknown`. */
    async getWechatUser({ id }: RequestOf<Contracts['getWechatUser']>): Promise<WechatUser> {
      return known(await repository.find(id));
    },

    /** Fails with `account-unknown`, also for deleted ones. */
    async updateWechatUser(
      { id, profile, wxUserinfo, takenAt, unionid }: RequestOf<Contracts['updateWechatUser']>,
      context: CallContext,
    ): Promise<WechatUser> {
      const wechat = wechatProfile(wxUserinfo, clock(), takenAt);
      return write(id, { profile, nickname: null, wechat, unionid: unionid ?? null }, context);
    },

    async names({ ids }: RequestOf<Contracts['names']>): Promise<ReplyOf<Contracts['names']>> {
      const called = await repository.called(ids);
      return { names: called.map((account) => ({ id: account.id, name: nameOf(account) })) };
    },
  };
}
