import type { Caller } from '@vestibule/shared/call-context';
import type { Role } from '@vestibule/shared/contracts/account';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { png } from '../../gateway/test/harness/pictures.ts';
import type { MatrixPlatform } from './platform.ts';

export const password = 'sesame-4711';

/** Somebody with every login identity that there is, and all that the five documents know them by. */
export type Person = {
  id: number;
  /** Whether there is such an account: not for an openid that is only proved. */
  registered: boolean;
  nickname: string;
  phone: string;
  /** Of the stand-in for WeChat: `dev:NAME` proves `dev-NAME`. */
  code: string;
  provedOpenid: string;
  claimedOpenid: string;
  token: string;
  /** As the gateway tells services of them. */
  caller: Caller;
};

export type Wanted = { role?: Role; status?: 'active' | 'pending' };

/** Makes people; `bound`: their tokens are those of their openids, as OPENID_BINDING asks for them. */
export function createPeople(
  { call }: Pick<MatrixPlatform, 'call'>,
  { bound = false }: { bound?: boolean } = {},
) {
  let count = 0;

  /** A name, a phone and openids that nobody has. */
  function nextNames() {
    count += 1;
    const name = `person-${count}`;
    return {
      nickname: name,
      phone: `138${String(count).padStart(8, '0')}`,
      code: `dev:${name}`,
      provedOpenid: `dev-${name}`,
      claimedOpenid: `o-${name}`,
    };
  }

  const boundToken = async (code: string): Promise<string> =>
    (await call(authContracts.exchangeCode, { code, bind: true })).token ?? '';

  return {
    nextNames,
    async make({ role = 'normal', status = 'active' }: Wanted = {}): Promise<Person> {
      const names = nextNames();
      const { account, token } = await call(authContracts.register, {
        identities: [
          { kind: 'nickname', value: names.nickname },
          { kind: 'phone', value: names.phone },
          { kind: 'wechat', value: names.provedOpenid },
          { kind: 'openid', value: names.claimedOpenid },
        ],
        password,
        role,
        status,
        profile: { firstName: 'Sara', lastName: 'Hammer' },
        avatar: { contentType: 'image/png', data: png().toString('base64') },
      });
      const { id } = account;
      const caller = { accountId: id, role, status };
      return { id, registered: true, ...names, token: bound ? await boundToken(names.code) : token, caller };
    },
    /** The token of a proved openid that has no account, and a person's names that lead to none. */
    async proved(): Promise<Person> {
      const names = nextNames();
      return {
        id: 99_999_999,
        registered: false,
        ...names,
        token: await boundToken(names.code),
        caller: { accountId: 99_999_999, role: 'normal', status: 'active' },
      };
    },
  };
}
export type People = ReturnType<typeof createPeople>;
