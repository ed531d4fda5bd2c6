import { createHash } from 'node:crypto';
import { Type, type TypeBoxTypeProvider } from '@vestibule/shared/schema';
import type { FastifyInstance } from 'fastify';

const Query = Type.Object({ js_code: Type.Optional(Type.String()) });

/** 16 bytes in Base64, as WeChat's session keys are; the same for a name at each time. */
const sessionKey = (name: string) =>
  createHash('sha256').update(`session key of ${name}`).digest().subarray(0, 16).toString('base64');

/**
 * A stand-in for WeChat's login in development: the code `dev:NAME` is good for the openid `dev-NAME`, at any
 * time and any number of times; every other is refused as WeChat refuses an unknown one.
 */
export function addDevWechat(app: FastifyInstance): void {
  app
    .withTypeProvider<TypeBoxTypeProvider>()
    .get(
      '/dev/wechat/sns/jscode2session',
      { schema: { hide: true, querystring: Query } },
      async ({ query }) => {
        const [, name] = /^dev:([A-Za-z0-9_-]{1,64})$/.exec(query.js_code ?? '') ?? [];
        if (name === undefined) return { errcode: 40029, errmsg: 'invalid code' };
        return { openid: `dev-${name}`, session_key: sessionKey(name) };
      },
    );
}
