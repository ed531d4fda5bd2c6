import { fastify } from 'fastify';
import type { Test } from 'tap';
import { addDevWechat } from '../../gateway/src/dev-wechat.ts';

/** The appid and secret that the stand-in takes, as it takes all others. */
const app = { WECHAT_APPID: 'development', WECHAT_SECRET: 'development' };

/**
 * The gateway's stand-in for WeChat on a server of its own, for platforms whose gateways come and go; answers the
 * settings that send auth there.
 */
export async function startWechatStandIn(t: Test): Promise<Record<string, string>> {
  const server = fastify();
  addDevWechat(server, { clock: Date.now, configured: [app.WECHAT_APPID] });
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  t.teardown(() => server.close());
  return { ...app, WECHAT_API_BASE: `${url}/dev/wechat` };
}
