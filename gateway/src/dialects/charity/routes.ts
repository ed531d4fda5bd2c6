import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { AppError, type ErrorCode } from '@vestibule/shared/errors';
import { clientAddress } from '../../address.ts';
import { isAdmin, signedIn } from '../../caller.ts';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { limitRegistrations } from '../registrations.ts';
import { operations } from './operations.ts';
import { good, registered, roleOf, statusOf, user } from './present.ts';

/** Ids in one answer of a search. */
const perPage = 1000;

/** The number that an id stands for; what cannot be an id is nobody's, and fails as an unknown one does. */
function accountId(text: string, otherwise: ErrorCode): number {
  if (!/^[1-9]\d{7,15}$/.test(text) || !Number.isSafeInteger(Number(text))) throw new AppError(otherwise);
  return Number(text);
}

export function routes(app: DialectScope, dependencies: DialectDependencies): void {
  const { bus } = dependencies;
  const limitRegister = limitRegistrations(dependencies);

  app.post('/register', operations.register, async (request) => {
    const { body, callContext } = request;
    await limitRegister(request);
    const { account, token } = await bus.call(
      authContracts.register,
      {
        identities: [],
        password: body.password,
        role: roleOf[body.role],
        status: 'active',
        profile: { firstName: body.first_name, lastName: body.last_name },
      },
      callContext,
    );
    return good(registered(account, token));
  });

  app.post('/login', operations.login, async (request) => {
    const { id, password } = request.body;
    const login = { id: accountId(id, 'credentials-wrong') };
    const address = clientAddress(request);
    const { token } = await bus.call(
      authContracts.loginByPassword,
      { login, password, address },
      request.callContext,
    );
    return good({ token });
  });

  app.post('/permission', operations.permission, async ({ body, callContext }) => {
    const id = accountId(body.id, 'account-unknown');
    await bus.call(userContracts.setRole, { id, role: roleOf[body.role] }, callContext);
    return good({});
  });

  app.post('/status', operations.status, async ({ body, callContext }) => {
    const id = accountId(body.id, 'account-unknown');
    await bus.call(userContracts.setStatus, { id, status: statusOf[body.status] }, callContext);
    return good({});
  });

  app.post('/changepassword', operations.changepassword, async (request) => {
    const { id, password, new_password: newPassword } = request.body;
    const login = { id: accountId(id, 'credentials-wrong') };
    const address = clientAddress(request);
    await bus.call(
      authContracts.changePassword,
      { login, password, newPassword, address },
      request.callContext,
    );
    return good({});
  });

  app.post('/changeinformation', operations.changeinformation, async ({ body, caller, callContext }) => {
    const profile = { firstName: body.first_name, lastName: body.last_name };
    await bus.call(userContracts.updateProfile, { id: signedIn(caller).id, profile }, callContext);
    return good({});
  });

  app.post('/search', operations.search, async ({ body, callContext }) => {
    const { ids } = await bus.call(
      userContracts.search,
      {
        // Missing or empty is no limit.
        ...(body.first_name ? { firstName: body.first_name } : {}),
        ...(body.last_name ? { lastName: body.last_name } : {}),
        ...(body.role ? { role: roleOf[body.role] } : {}),
        page: Number(body.page || 1),
        perPage,
      },
      callContext,
    );
    return good({ id_list: ids.map(String) });
  });

  app.post('/getuser', operations.getuser, async ({ body, caller, callContext }) => {
    const own = signedIn(caller);
    if (body.id !== String(own.id) && !isAdmin(own)) throw new AppError('not-allowed');
    const id = accountId(body.id, 'account-unknown');
    return good(user(await bus.call(userContracts.get, { id }, callContext)));
  });
}
