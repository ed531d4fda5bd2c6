import type { Identity } from '@vestibule/shared/contracts/account';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { AppError } from '@vestibule/shared/errors';
import { createTimes } from '@vestibule/shared/time-zone';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from '../../address.ts';
import { readAvatar } from '../../avatar/avatar.ts';
import { isAdmin, signedIn } from '../../caller.ts';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { captchaKind, createCaptchaGate } from './captcha.ts';
import { operations } from './operations.ts';
import { good, loggedIn, signedUp, user } from './present.ts';
import { createUserPages } from './user-pages.ts';

const nicknameOf = (value: string): Identity => ({ kind: 'nickname', value });

/** The number that a path's id stands for; what no account has is unknown. */
function accountId(text: string): number {
  if (text.length < 8) throw new AppError('account-unknown');
  return Number(text);
}

/** The id of a path, which must be the caller's own unless an admin asks. */
function ownOrAnyId({ caller, params }: Pick<FastifyRequest, 'caller'> & { params: { id: string } }): number {
  const own = signedIn(caller);
  if (params.id !== String(own.id) && !isAdmin(own)) throw new AppError('not-allowed');
  return accountId(params.id);
}

/** Whether what a client has kept under one of these tags is the same. */
const isKept = (tag: string, ifNoneMatch = ''): boolean =>
  ifNoneMatch.split(',').some((one) => [tag, `W/${tag}`, '*'].includes(one.trim()));

export function routes(app: DialectScope, { bus, settings, limitPerAddress }: DialectDependencies): void {
  const readPage = createUserPages({ bus, time: createTimes(settings.TIME_ZONE) });
  const limitSignUps = limitPerAddress({
    name: 'sign-up',
    limit: settings.SIGNUP_RATE,
    windowMs: settings.SIGNUP_RATE_WINDOW_MS,
  });

  app.put('/signUp', operations.signUp, async (request) => {
    const { avatar: file, nickname, passwd, repasswd, ...profile } = request.body;
    const avatar = readAvatar(file);
    if (repasswd !== passwd) throw new AppError('input-invalid', { field: 'repasswd' });
    await limitSignUps(request);
    const { account } = await bus.call(
      authContracts.register,
      {
        identities: [nicknameOf(nickname)],
        password: passwd,
        role: 'normal',
        status: 'pending',
        profile,
        avatar,
      },
      request.callContext,
    );
    return good('signUp', signedUp(account), '注册成功');
  });

  const login = { ...operations.login, preValidation: createCaptchaGate({ bus }) };
  app.post('/login', login, async (request) => {
    const { nickname, passwd: password } = request.body;
    const address = clientAddress(request);
    const { account, token } = await bus.call(
      authContracts.loginByPassword,
      { login: nicknameOf(nickname), password, address },
      request.callContext,
    );
    return good('login', loggedIn(account, token), '登录成功');
  });

  app.get('/list/user', operations.list, async ({ query, callContext }, reply) => {
    const text = await readPage({ page: Number(query.page || 1), callContext });
    return reply.type('application/json; charset=utf-8').send(text);
  });

  app.get('/user/:id', operations.user, async (request) => {
    const account = await bus.call(userContracts.get, { id: ownOrAnyId(request) }, request.callContext);
    if (account.status === 'deleted') throw new AppError('account-unknown');
    return good(`user/${account.id}`, user(account));
  });

  app.get('/user/:id/avatar', operations.avatar, async (request, reply) => {
    const { contentType, data, etag } = await bus.call(
      userContracts.getAvatar,
      { id: ownOrAnyId(request) },
      request.callContext,
    );
    const tag = `"${etag}"`;
    reply.header('etag', tag).header('x-content-type-options', 'nosniff');
    if (isKept(tag, request.headers['if-none-match'])) return reply.code(304).send();
    return reply.type(contentType).send(Buffer.from(data, 'base64'));
  });

  app.put('/user/:id', operations.update, async (request) => {
    const { nickname, ...profile } = request.body;
    const id = ownOrAnyId(request);
    await bus.call(
      userContracts.updateProfile,
      { id, profile, ...(nickname === undefined ? {} : { nickname }) },
      request.callContext,
    );
    return good(`user/${id}`, []);
  });

  app.put('/audit/user/:id', operations.audit, async ({ params, callContext }) => {
    await bus.call(userContracts.audit, { id: accountId(params.id) }, callContext);
    return good('audit/user', []);
  });

  app.delete('/user/:id', operations.remove, async ({ params, callContext }) => {
    const id = accountId(params.id);
    await bus.call(userContracts.remove, { id }, callContext);
    return good(`user/${id}`, true);
  });

  app.get('/captcha', operations.captcha, async (request) => {
    const { id, png } = await bus.call(
      verificationContracts.newCaptcha,
      { ...captchaKind, address: clientAddress(request) },
      request.callContext,
    );
    return good('captcha', { id, picture: `data:image/png;base64,${png}` });
  });
}
