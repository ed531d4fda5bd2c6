import type { Clock } from '@vestibule/shared/call-context';
import type { Logger } from '@vestibule/shared/logger';
import type { Store } from '@vestibule/shared/store/store';
import type { Calendar } from './calendar.ts';
import type { VerificationSettings } from './config.ts';
import type { Digests } from './digests.ts';
import { budgetKey } from './policy.ts';

/** What the alarms tell whoever watches the metrics. */
export type AlarmMetrics = {
  /** SMS of the present day that are counted on the budget. */
  budgetUsed(count: number): void;
  /** An SMS beyond what is usual for the phones of its prefix. */
  prefixExceeded(): void;
};

const prefixDigits = 7;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Watches the SMS that were granted and refuses none. The log warns once, from whichever replica: when the
 * day's budget is used up to `SMS_BUDGET_WARNING` percent, and each hour in which more than
 * `SMS_PREFIX_ALARM` go to phones with the same first digits: one operator and region, the mark of pumping.
 */
export function createAlarms({
  settings,
  store,
  digests,
  calendar,
  clock,
  logger,
  metrics,
}: {
  settings: VerificationSettings;
  store: Store;
  digests: Digests;
  calendar: Calendar;
  clock: Clock;
  logger: Logger;
  metrics: AlarmMetrics;
}) {
  const budget = settings.SMS_DAILY_BUDGET;
  const warnAt = Math.ceil((budget * settings.SMS_BUDGET_WARNING) / 100);
  /** The last day for which the warning is known to be out: asked of the store once, not at every SMS. */
  let warnedOn = '';

  async function watchBudget(): Promise<void> {
    const { date } = calendar.dayOf(clock());
    const used = Number(await store.get(budgetKey(date)));
    metrics.budgetUsed(used);
    if (used < warnAt || warnedOn === date) return;
    const { count } = await store.count(`sms:budget-warned:${date}`, dayMs);
    warnedOn = date;
    if (count === 1) logger.warn({ date, used, budget }, 'the SMS budget of the day is running out');
  }

  async function watchPrefix(phone: string): Promise<void> {
    const prefix = phone.slice(0, prefixDigits);
    const { count } = await store.count(`sms:prefix:${digests.of('prefix', prefix)}`, hourMs);
    if (count <= settings.SMS_PREFIX_ALARM) return;
    metrics.prefixExceeded();
    if (count === settings.SMS_PREFIX_ALARM + 1) {
      logger.warn({ prefix, count }, 'many SMS go to phones with the same first digits');
    }
  }

  return {
    /** For each SMS that is granted. Never throws: an alarm that cannot be counted is no reason not to send. */
    async watch(phone: string): Promise<void> {
      if (settings.LIMITS === 'off') return;
      try {
        await Promise.all([watchBudget(), watchPrefix(phone)]);
      } catch (error) {
        logger.warn({ err: error }, 'an SMS was not counted for the alarms');
      }
    },
  };
}
export type Alarms = ReturnType<typeof createAlarms>;
