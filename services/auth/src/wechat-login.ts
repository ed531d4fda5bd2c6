import type { CallContext } from '@vestibule/shared/call-context';
import type { WechatUser } from '@vestibule/shared/contracts/account';
import type { authContracts } from '@vestibule/shared/contracts/auth';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { AppError } from '@vestibule/shared/errors';
import type { RoleRule } from './granted-roles.ts';
import { insistOnUsable } from './login.ts';
import type { Sessions } from './sessions.ts';
import type { Users } from './users.ts';
import type { Proof, WeChat } from './wechat.ts';
import { decryptWeChatData, type WeChatProfile } from './wechat-data.ts';

type Contracts = typeof authContracts;
type Found = NonNullable<Awaited<ReturnType<Users['find']>>>;

/** Ways into an account by a login code of a mini-program. */
export function createWeChatLogin({
  wechat,
  users,
  sessions,
  roleRule,
}: {
  wechat: WeChat;
  users: Pick<Users, 'find' | 'create' | 'getWechatUser' | 'updateWechatUser'>;
  sessions: Pick<Sessions, 'open'>;
  roleRule: RoleRule;
}) {
  /** Fails with `account-unknown` and `account-inactive`. */
  async function accountOf({ openid }: Proof, context: CallContext): Promise<Found> {
    const found = await users.find({ kind: 'wechat', value: openid }, context);
    if (found === null) throw new AppError('account-unknown');
    insistOnUsable(found.access);
    return found;
  }

  /** The account with what WeChat has said of it now; one that was removed meanwhile is inactive. */
  async function refreshed(
    id: number,
    { unionid }: Pick<Proof, 'unionid'>,
    data: WeChatProfile | null,
    context: CallContext,
  ): Promise<WechatUser> {
    const news = {
      ...(data && { wxUserinfo: data.wxUserinfo, takenAt: data.takenAt }),
      ...(unionid !== null && { unionid }),
    };
    const user = await (Object.keys(news).length === 0
      ? users.getWechatUser({ id }, context)
      : users.updateWechatUser({ id, profile: {}, ...news }, context));
    if (user === null) throw new AppError('account-inactive');
    return user;
  }

  return {
    /** Trades a code for its openid alone; `bind` opens a session that names it. */
    exchange(
      { bind, ...code }: RequestOf<Contracts['exchangeCode']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['exchangeCode']>> {
      return wechat.prove(code, context, async ({ openid }) => {
        if (!bind) return { openid, token: null };
        const found = await users.find({ kind: 'wechat', value: openid }, context);
        return { openid, token: await sessions.open({ openid, access: found?.access ?? null }, context) };
      });
    },

    /** Fails with `admin-registration-closed` before the code is spent, and with `identity-taken`. */
    async register(
      { code, appid, wxUserinfo, ...draft }: RequestOf<Contracts['registerByWechat']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['registerByWechat']>> {
      roleRule(draft.role, context);
      return wechat.prove({ code, appid }, context, async ({ openid, unionid }) => {
        const created = await users.create(
          {
            ...draft,
            identities: [{ kind: 'wechat', value: openid }],
            passwordHash: null,
            status: 'active',
            ...(wxUserinfo === undefined ? {} : { wxUserinfo }),
            ...(unionid === null ? {} : { unionid }),
          },
          context,
        );
        if (created === null) throw new AppError('identity-taken');
        const { account, access } = created;
        return {
          user: { account, wxUserinfo: wxUserinfo ?? null },
          token: await sessions.open({ access, way: 'registration' }, context),
        };
      });
    },

    /** Fails with `wechat-data-invalid`, `account-unknown`, `account-inactive`. */
    login(
      { encrypted, ...code }: RequestOf<Contracts['loginByWechat']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['loginByWechat']>> {
      return wechat.prove(code, context, async (proof) => {
        const data = encrypted === undefined ? null : decryptWeChatData(encrypted, proof);
        const { account, access } = await accountOf(proof, context);
        const unionid = data?.unionid ?? proof.unionid;
        const user = await refreshed(account.id, { unionid }, data, context);
        return { user, token: await sessions.open({ access, way: 'wechat' }, context) };
      });
    },

    /** Fails with `account-unknown`, `account-inactive`. */
    identify(
      code: RequestOf<Contracts['identifyByWechat']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['identifyByWechat']>> {
      return wechat.prove(code, context, async (proof) => ({
        account: (await accountOf(proof, context)).account,
      }));
    },
  };
}
export type WeChatLogin = ReturnType<typeof createWeChatLogin>;
