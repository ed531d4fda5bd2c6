import { Counter, Gauge, type Registry } from '@vestibule/shared/metrics';
import type { AlarmMetrics } from './alarms.ts';
import type { RefusalReason } from './refusals.ts';

const names = {
  refused: 'vestibule_verification_refusals_total',
  sent: 'vestibule_sms_sent_total',
  prefixAlarms: 'vestibule_sms_prefix_alarms_total',
  budgetUsed: 'vestibule_sms_budget_used',
  budgetLimit: 'vestibule_sms_budget_limit',
} as const;

/** The figures of the verification service, on the process's registry until `remove`. */
export function createMetrics(registry: Registry, budget: number) {
  const registers = [registry];
  const refused = new Counter({
    name: names.refused,
    help: 'Captchas, SMS and codes that were refused, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const sent = new Counter({ name: names.sent, help: 'SMS that the provider took.', registers });
  const prefixAlarms = new Counter({
    name: names.prefixAlarms,
    help: 'SMS beyond SMS_PREFIX_ALARM to phones with the same first digits.',
    registers,
  });
  const budgetUsed = new Gauge({
    name: names.budgetUsed,
    help: "SMS counted on the day's budget, as this process saw it last.",
    registers,
  });
  new Gauge({ name: names.budgetLimit, help: 'SMS_DAILY_BUDGET.', registers }).set(budget);

  const alarms: AlarmMetrics = {
    budgetUsed: (count) => budgetUsed.set(count),
    prefixExceeded: () => prefixAlarms.inc(),
  };
  return {
    alarms,
    refused: (reason: RefusalReason) => refused.inc({ reason }),
    sent: () => sent.inc(),
    /** A start that failed is tried again, on the same registry. */
    remove() {
      for (const name of Object.values(names)) registry.removeSingleMetric(name);
    },
  };
}
