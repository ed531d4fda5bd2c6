import type { Bus } from '@vestibule/shared/bus/bus';
import type { CallContext } from '@vestibule/shared/call-context';
import type { Account } from '@vestibule/shared/contracts/account';
import type { Person } from '@vestibule/shared/contracts/process';
import { userContracts } from '@vestibule/shared/contracts/user';

/** What accounts are called, by id. */
export type Names = ReadonlyMap<number, string>;

/** An account beside its work; one that has no name, or is not there any more, has the name `""`. */
export const personOf = (id: number, names: Names): Person => ({ id, name: names.get(id) ?? '' });

/** What is asked of the user service. When it is away the whole answer fails. */
export function createPeople({ bus }: { bus: Pick<Bus, 'call'> }) {
  return {
    /** The names of all these in one call; of what is known already none is asked for. */
    async names(ids: Iterable<number>, context: CallContext, known: Names = new Map()): Promise<Names> {
      const asked = [...new Set(ids)].filter((id) => !known.has(id));
      if (asked.length === 0) return known;
      const { names } = await bus.call(userContracts.names, { ids: asked }, context);
      const found = new Map(names.map(({ id, name }) => [id, name]));
      return new Map([...known, ...asked.map((id) => [id, found.get(id) ?? ''] as const)]);
    },

    /** Fails with `account-unknown`. */
    account: (id: number, context: CallContext): Promise<Account> =>
      bus.call(userContracts.get, { id }, context),
  };
}
export type People = ReturnType<typeof createPeople>;
