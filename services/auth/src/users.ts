import type { Bus } from '@vestibule/shared/bus/bus';
import type { CallContext } from '@vestibule/shared/call-context';
import type { Contract, ErrorOf, ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';

type Call<C extends Contract, Reply> = (input: RequestOf<C>, context: CallContext) => Promise<Reply>;

/** What auth asks of the user service; an answer that it reckons with is null instead of an error. */
export function createUsers({ bus }: { bus: Pick<Bus, 'call'> }) {
  const unless =
    <C extends Contract>(contract: C, code: ErrorOf<C>): Call<C, ReplyOf<C> | null> =>
    async (input, context) => {
      try {
        return await bus.call(contract, input, context);
      } catch (error) {
        if (codeOf(error) === code) return null;
        throw error;
      }
    };

  return {
    /** Null: there is no such account. */
    find: unless(userContracts.find, 'account-unknown'),
    /** Null: there is no such login. */
    credentials: unless(userContracts.credentials, 'account-unknown'),
    /** Null: there is no such account. */
    access: unless(userContracts.access, 'account-unknown'),
    /** Null: an identity is taken. */
    create: unless(userContracts.create, 'identity-taken'),
    /** Null: there is no such account. */
    getWechatUser: unless(userContracts.getWechatUser, 'account-unknown'),
    /** Null: there is no such account, or it is deleted. */
    updateWechatUser: unless(userContracts.updateWechatUser, 'account-unknown'),
    /** Null: the password is another one by now. */
    setPassword: unless(userContracts.setPassword, 'credentials-wrong'),
  };
}
export type Users = ReturnType<typeof createUsers>;
