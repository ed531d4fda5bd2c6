import type { Handlers } from '@vestibule/shared/bus/bus';
import type { userContracts } from '@vestibule/shared/contracts/user';
import type { createAccess } from './access.ts';
import type { createAccounts } from './accounts.ts';
import type { createHistory } from './history.ts';

/** Which rule answers which contract. */
export function createHandlers({
  accounts,
  access,
  history,
}: {
  accounts: ReturnType<typeof createAccounts>;
  access: ReturnType<typeof createAccess>;
  history: ReturnType<typeof createHistory>;
}): Handlers<typeof userContracts> {
  return {
    create: accounts.create,
    get: accounts.get,
    find: accounts.find,
    credentials: accounts.credentials,
    updateProfile: accounts.updateProfile,
    search: accounts.search,
    access: access.access,
    setRole: access.setRole,
    setStatus: access.setStatus,
    setPassword: access.setPassword,
    addHistory: history.add,
    getHistory: history.get,
    clearHistory: history.clear,
  };
}
