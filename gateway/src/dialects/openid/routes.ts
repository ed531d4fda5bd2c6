import type { Account, Identity } from '@vestibule/shared/contracts/account';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { AppError } from '@vestibule/shared/errors';
import { openidHash } from '@vestibule/shared/openid-hash';
import { createTimes } from '@vestibule/shared/time-zone';
import type { FastifyRequest } from 'fastify';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { readChange } from './change.ts';
import { operationsFor } from './operations.ts';
import { createUserView, good } from './present.ts';

type Asked = Pick<FastifyRequest, 'caller' | 'callContext'> & { body: { openid: string } };

export function routes(app: DialectScope, { bus, settings }: DialectDependencies): void {
  const bound = settings.OPENID_BINDING === 'token';
  const operations = operationsFor(bound ? 'session' : 'anyone');
  const view = createUserView(createTimes(settings.TIME_ZONE));

  /** The identity that an openid is here: only claimed, or proved by the session of the token. */
  function identityOf({ body, caller }: Asked): Identity {
    if (!bound) return { kind: 'openid', value: body.openid };
    if (caller?.openidHash !== openidHash(body.openid)) throw new AppError('not-allowed');
    return { kind: 'wechat', value: body.openid };
  }

  async function accountOf(request: Asked): Promise<Account> {
    const { account } = await bus.call(userContracts.find, identityOf(request), request.callContext);
    if (account.status === 'frozen' || account.status === 'deleted') throw new AppError('account-inactive');
    return account;
  }

  app.post('/login', operations.login, async (request) => {
    const { openid, ...profile } = request.body;
    const { account } = await bus.call(
      authContracts.loginByOpenid,
      { openid: identityOf(request), profile },
      request.callContext,
    );
    return good(view(account, openid));
  });

  app.post('/getOpenid', operations.getOpenid, async ({ body, callContext }) => {
    const { openid, token } = await bus.call(
      authContracts.exchangeCode,
      { code: body.js_code, bind: bound },
      callContext,
    );
    return good(token === null ? { openid } : { openid, token });
  });

  for (const name of ['loginByOpenid', 'get'] as const) {
    app.post(`/${name}`, operations[name], async (request) =>
      good(view(await accountOf(request), request.body.openid)),
    );
  }

  app.post('/update', operations.update, async (request) => {
    const profile = readChange(request.body.update);
    const { id } = await accountOf(request);
    await bus.call(userContracts.updateProfile, { id, profile }, request.callContext);
    return good([]);
  });

  app.post('/addHistory', operations.addHistory, async (request) => {
    const { id } = await accountOf(request);
    const { entries } = await bus.call(
      userContracts.addHistory,
      { id, entry: request.body.hist },
      request.callContext,
    );
    return good(entries);
  });

  app.post('/getHistory', operations.getHistory, async (request) => {
    const { id } = await accountOf(request);
    const { entries } = await bus.call(userContracts.getHistory, { id }, request.callContext);
    return good(entries);
  });

  app.post('/cleanHistory', operations.cleanHistory, async (request) => {
    const { id } = await accountOf(request);
    await bus.call(userContracts.clearHistory, { id }, request.callContext);
    return good([]);
  });
}
