// The whole platform in one process: what DATABASE_URL, NATS_URL and REDIS_URL do not name is embedded.
import { access, constants, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { auth } from '@vestibule/auth/service';
import { buildGateway } from '@vestibule/gateway';
import { type GatewayProfile, readGatewaySettings, servesDevRoutes } from '@vestibule/gateway/config';
import { tellGatewaySettings } from '@vestibule/gateway/told-settings';
import { processes } from '@vestibule/process/service';
import { type CommonSettings, type Environment, SettingError } from '@vestibule/shared/config';
import { claimAddress, listen } from '@vestibule/shared/listen';
import type { Logger } from '@vestibule/shared/logger';
import { closeParts, openParts, startParts } from '@vestibule/shared/open-parts';
import { openOps } from '@vestibule/shared/ops';
import { runProcess, type Started } from '@vestibule/shared/process';
import { whenFree } from '@vestibule/shared/taken';
import { user } from '@vestibule/user/service';
import { verification } from '@vestibule/verification/service';

/** Opened in this order, closed in the reverse one. */
const services = [user, auth, verification, processes];

/** A first request of each document, as a shell takes it. */
const firstRequests: Readonly<Record<string, readonly [path: string, body: object]>> = {
  charity: [
    '/user/register/',
    { first_name: 'Sara', last_name: 'Hammer', role: '1', password: 'sesame-4711' },
  ],
  openid: [
    '/service/user/login',
    { openid: 'o-sara', phone: '12345678912', qq: '10001', cardno: '0111111111111' },
  ],
  // A code of the stand-in for WeChat.
  repair: ['/auth/user', { action: 'register', code: 'dev:sara', userinfo: { name: 'Sara' } }],
};

/** In development WeChat is the gateway's own stand-in, unless the settings name another. */
function withStandIns(environment: Environment, gateway: GatewayProfile, url: string): Environment {
  const { WECHAT_API_BASE, WECHAT_APPID, WECHAT_SECRET } = environment;
  if (!servesDevRoutes(gateway) || WECHAT_API_BASE) return environment;
  return {
    ...environment,
    WECHAT_API_BASE: `${url}/dev/wechat`,
    WECHAT_APPID: WECHAT_APPID || 'development',
    WECHAT_SECRET: WECHAT_SECRET || 'development',
  };
}

async function ensureWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new SettingError(`DATA_DIR is not valid: ${resolve(folder)} cannot be written`, { cause: error });
  }
}

/** What only embedded parts do, for the log of a production system. */
function warnOfEmbedded({ DATABASE_URL, NATS_URL, REDIS_URL }: CommonSettings, logger: Logger): void {
  if (!DATABASE_URL)
    logger.warn('the database is embedded: one process alone, and no promise against power loss');
  if (!NATS_URL) logger.warn('calls stay in this process: no service can run beside it');
  if (!REDIS_URL) logger.warn('counters and copies stay in this process: a restart forgets them');
}

const whereDataLie = ({ DATABASE_URL, DATA_DIR }: CommonSettings) =>
  DATABASE_URL ? 'in the database of DATABASE_URL' : resolve(DATA_DIR);

/** Says where it is, in lines for people. */
function greet(settings: CommonSettings, { DIALECTS }: GatewayProfile, url: string): void {
  const served = DIALECTS.split(',').map((name) => name.trim());
  const lines = [
    '',
    'vestibule runs with the development profile: for trying it out, not for the open net.',
    `  listens on   ${url}   (${served.join(', ')})`,
    `  documents    ${url}/docs`,
    `  data         ${whereDataLie(settings)}`,
  ];
  const first = Object.keys(firstRequests).find((name) => served.includes(name));
  const request = firstRequests[first ?? ''];
  if (request) {
    const [path, body] = request;
    lines.push('', `  curl ${url}${path} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`);
  }
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

async function start(started: Started): Promise<void> {
  const { name, settings, logger, opened } = started;
  const production = settings.NODE_ENV === 'production';
  const gatewaySettings = readGatewaySettings(started.environment);
  // Before anything is opened: a port that is taken is the commonest reason why a start fails.
  const address = await whenFree(() => claimAddress({ host: settings.HOST, port: gatewaySettings.PORT }));
  // What is not served needs no provider, whichever documents there are by default.
  const { DIALECTS } = gatewaySettings;
  const environment = withStandIns({ ...started.environment, DIALECTS }, gatewaySettings, address.url);
  const openers = services.map((service) => service.configure(environment));
  if (production) warnOfEmbedded(settings, logger);

  const ops = await openOps(started, { standardPort: 3100 });
  if (!settings.DATABASE_URL) await ensureWritable(settings.DATA_DIR);
  const { metrics, tracing } = ops;
  const open = () => openParts({ settings, name, logger, clock: Date.now, metrics, tracing });
  const parts = opened.adopt(await whenFree(open), closeParts);
  ops.watch(parts);
  for (const openService of openers) await openService({ parts, metrics, logger, opened });
  startParts(parts);
  const gateway = await buildGateway({ parts, settings: gatewaySettings, logger, metrics, tracing });
  opened.adopt(gateway, (app) => app.close());
  const url = await listen(gateway, address);
  const telling = tellGatewaySettings({ common: settings, settings: gatewaySettings, parts, logger });
  opened.defer(() => telling.stop());
  ops.serving();
  if (production) logger.info({ url, data: whereDataLie(settings) }, 'open');
  else greet(settings, gatewaySettings, url);
}

await runProcess({ name: 'vestibule', environment: process.env, start });
