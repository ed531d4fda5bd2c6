import { randomBytes, randomFillSync, randomInt } from 'node:crypto';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { Registry } from '@vestibule/shared/metrics';
import type { GatewayParts } from '@vestibule/shared/parts';
import { createWorkQueue } from '@vestibule/shared/work-queue';
import { watchQueue } from '@vestibule/shared/work-queue-metrics';
import type { FastifyPluginAsync } from 'fastify';
import { createAlarms } from './alarms.ts';
import { createCalendar } from './calendar.ts';
import { createPictures } from './captcha-picture.ts';
import { createRandom } from './captcha-random.ts';
import { createCaptchas } from './captchas.ts';
import { createCodes } from './codes.ts';
import type { VerificationSettings } from './config.ts';
import { createDevelopment, noDevelopment } from './development.ts';
import { createDigests } from './digests.ts';
import { createHandlers } from './handlers.ts';
import { createMetrics } from './metrics.ts';
import { createPlainCaptchas } from './plain-captchas.ts';
import { createPolicy } from './policy.ts';
import { createProvider } from './providers/index.ts';
import type { SmsProvider } from './providers/provider.ts';
import { createRefusals } from './refusals.ts';
import { createSending } from './sending.ts';

type VerificationOptions = {
  parts: GatewayParts;
  settings: VerificationSettings;
  /** What sends SMS; the one that `SMS_PROVIDER` names if absent. */
  provider?: SmsProvider;
  /** What `/metrics` of this process shows. */
  metrics?: Registry;
};

const randomId = () => randomBytes(16).toString('hex');

/** The verification service: owns captchas, SMS codes, what may be sent, and the way to the SMS provider. */
export const verificationService: FastifyPluginAsync<VerificationOptions> = async (
  app,
  { parts: { bus, store, clock }, settings, provider, metrics: registry = new Registry() },
) => {
  const logger = app.log;
  const development = settings.DEV_ROUTES === 'on';
  const counted = settings.LIMITS === 'on';
  const captchaTtlMs = settings.CAPTCHA_TTL * 1000;
  const codeTtlMs = settings.SMS_CODE_TTL * 1000;

  const digests = createDigests(settings.KEYS_SECRET);
  const calendar = createCalendar(settings.TIME_ZONE);
  const metrics = createMetrics(registry, settings.SMS_DAILY_BUDGET);
  app.addHook('onClose', async () => metrics.remove());
  const refusals = createRefusals({ logger, count: metrics.refused });
  const plainCaptchas = development ? createPlainCaptchas({ store, ttlMs: captchaTtlMs }) : null;
  const drawings = createWorkQueue({
    concurrency: settings.CAPTCHA_CONCURRENCY,
    queue: settings.CAPTCHA_QUEUE,
    clock,
  });
  watchQueue(registry, 'captcha drawings', drawings);
  const captchas = createCaptchas({
    store,
    digests,
    refusals,
    plainCaptchas,
    drawings,
    draw: createPictures(createRandom(randomFillSync)),
    randomInt,
    randomId,
    ttlMs: captchaTtlMs,
    perMinute: counted ? settings.CAPTCHA_PER_MINUTE : null,
  });
  const codes = createCodes({
    store,
    digests,
    refusals,
    randomInt,
    randomId,
    ttlMs: codeTtlMs,
    tries: settings.SMS_CODE_TRIES,
  });
  const sending = createSending({
    captchas,
    policy: createPolicy({ settings, store, digests, calendar, clock, refusals }),
    alarms: createAlarms({ settings, store, digests, calendar, clock, logger, metrics: metrics.alarms }),
    codes,
    provider: provider ?? createProvider({ settings, store, logger, clock }),
    refusals,
    clock,
    logger,
    codeTtlMs,
    countSent: metrics.sent,
  });
  const handlers = createHandlers({
    captchas,
    sending,
    codes,
    development: plainCaptchas ? createDevelopment({ store, plainCaptchas }) : noDevelopment,
  });
  const served = await bus.serve({
    name: 'verification',
    version: '1.0.0',
    contracts: verificationContracts,
    handlers,
  });
  app.addHook('onClose', () => served.drain());
  if (!settings.SMS_ENABLED) logger.warn('SMS_ENABLED is off: no SMS is sent');
  if (!counted) logger.warn('LIMITS is off: SMS are sent without end');
};
