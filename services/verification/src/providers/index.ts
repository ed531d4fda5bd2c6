import { randomUUID } from 'node:crypto';
import type { Clock } from '@vestibule/shared/call-context';
import type { Logger } from '@vestibule/shared/logger';
import type { Store } from '@vestibule/shared/store/store';
import { aliyunAdapter } from './aliyun.ts';
import {
  AliyunSettings,
  completeSettings,
  type ProviderSettings,
  TencentSettings,
  WebhookSettings,
} from './config.ts';
import { type Adapter, httpProvider } from './http-provider.ts';
import { inboxProvider } from './inbox.ts';
import type { SmsProvider } from './provider.ts';
import { tencentAdapter } from './tencent.ts';
import { webhookAdapter } from './webhook.ts';

type ProviderParts = {
  settings: ProviderSettings;
  /** Where the inbox keeps its codes. */
  store: Store;
  logger: Logger;
  clock: Clock;
  /** Text that never comes twice, for signatures. */
  nonce?: () => string;
};

/** The provider that `SMS_PROVIDER` names. Throws a SettingError when something that it needs is not set. */
export function createProvider({
  settings,
  store,
  logger,
  clock,
  nonce = randomUUID,
}: ProviderParts): SmsProvider {
  const overHttp = (adapter: Adapter) =>
    httpProvider(adapter, { timeoutMs: settings.SMS_TIMEOUT_MS, clock, logger });
  switch (settings.SMS_PROVIDER) {
    case 'tencent':
      return overHttp(tencentAdapter({ settings: completeSettings(TencentSettings, settings), clock }));
    case 'aliyun':
      return overHttp(aliyunAdapter({ settings: completeSettings(AliyunSettings, settings), clock, nonce }));
    case 'webhook':
      return overHttp(webhookAdapter({ settings: completeSettings(WebhookSettings, settings) }));
    case 'inbox':
      return inboxProvider({ store, logger });
  }
}
