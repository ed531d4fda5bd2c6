import type { Clock } from '@vestibule/shared/call-context';
import type { Limit, Store } from '@vestibule/shared/store/store';
import type { Calendar } from './calendar.ts';
import type { VerificationSettings } from './config.ts';
import type { Digests } from './digests.ts';
import type { RefusalReason, Refusals } from './refusals.ts';

/** A limit, and the reason that is given where it is used up. */
type Rule = Limit & { reason: RefusalReason };

type Sms = { phone: string; address: string; requestId: string };

/** The rules that one SMS is counted on. */
export type Reserved = readonly Rule[];

/** Longer than any day, also where clocks are put back; the key holds the date. */
const budgetWindowMs = 26 * 3_600_000;

/** Reads `1/60,5/3600`: how many, in how many seconds. */
function windowsOf(text: string): { limit: number; windowMs: number }[] {
  return text.split(',').map((entry) => {
    const [limit = 0, seconds = 0] = entry.split('/').map(Number);
    return { limit, windowMs: seconds * 1000 };
  });
}

/** Where a day's SMS are counted, all together. */
export const budgetKey = (date: string) => `sms:budget:${date}`;

/**
 * The sending policy: what an SMS must pass, once the captcha is spent.
 *
 * | rule                        | setting            | default                         | refused as      |
 * | --------------------------- | ------------------ | ------------------------------- | --------------- |
 * | the switch                  | `SMS_ENABLED`      | on                              | sms-not-sent    |
 * | per phone                   | `SMS_PER_PHONE`    | 1 a minute, 5 an hour, 10 a day | rate-limited    |
 * | per address                 | `SMS_PER_ADDRESS`  | 20 an hour                      | address-limited |
 * | all together, calendar day  | `SMS_DAILY_BUDGET` | 10,000                          | rate-limited    |
 *
 * All of them are counted in one atomic step or none is, on every replica. A window begins with its first
 * SMS; the budget's day is that of `TIME_ZONE`. Of several that are used up the one that lasts longest is
 * told. Without the store nothing is granted. A reservation whose answer did not come in time may have
 * counted: it is neither used nor given back. With `LIMITS=off` only the switch holds.
 */
export function createPolicy({
  settings,
  store,
  digests,
  calendar,
  clock,
  refusals,
}: {
  settings: VerificationSettings;
  store: Store;
  digests: Digests;
  calendar: Calendar;
  clock: Clock;
  refusals: Refusals;
}) {
  const perPhone = windowsOf(settings.SMS_PER_PHONE);
  const perAddress = windowsOf(settings.SMS_PER_ADDRESS);

  function rulesFor({ phone, address }: Sms, date: string): Rule[] {
    if (settings.LIMITS === 'off') return [];
    const phoneDigest = digests.of('phone', phone);
    const addressDigest = digests.of('address', address);
    return [
      ...perPhone.map((window) => ({
        ...window,
        key: `sms:phone:${phoneDigest}:${window.windowMs}`,
        reason: 'sms-phone' as const,
      })),
      ...perAddress.map((window) => ({
        ...window,
        key: `sms:address:${addressDigest}:${window.windowMs}`,
        reason: 'sms-address' as const,
      })),
      {
        key: budgetKey(date),
        limit: settings.SMS_DAILY_BUDGET,
        windowMs: budgetWindowMs,
        reason: 'sms-budget',
      },
    ];
  }

  return {
    /** Counts an SMS on every rule before it is sent, or throws why it may not be. */
    async reserve(sms: Sms): Promise<Reserved> {
      if (!settings.SMS_ENABLED) throw refusals.refuse('sms-disabled', sms);
      const { date, leftMs } = calendar.dayOf(clock());
      const rules = rulesFor(sms, date);
      const reservation = await store.reserve(rules);
      if (reservation.granted) return rules;
      const { reason = 'sms-budget' } = rules.find(({ key }) => key === reservation.key) ?? {};
      const retryAfterMs = reason === 'sms-budget' ? leftMs : reservation.retryAfterMs;
      throw refusals.refuse(reason, { ...sms, retryAfterMs });
    },

    /**
     * For an SMS that the provider did not take; to be called once for each reservation. One that may be on
     * its way all the same (no answer came) stays on the budget: it may have to be paid.
     */
    async giveBack(reserved: Reserved, { maybeSent }: { maybeSent: boolean }): Promise<void> {
      const rules = maybeSent ? reserved.filter(({ reason }) => reason !== 'sms-budget') : reserved;
      await store.giveBack(rules.map(({ key }) => key));
    },
  };
}
export type Policy = ReturnType<typeof createPolicy>;
