import { phoneTextPattern } from '@vestibule/shared/phone';
import type { TextFormat } from './form-schema.ts';

const dateTime =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const date = /^\d{4}-\d{2}-\d{2}$/;
const email = /^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/;
const phone = new RegExp(phoneTextPattern);

/** A day of the calendar; `new Date` by itself takes February 30 for March 2. */
function isDay(text: string): boolean {
  const instant = new Date(`${text}T00:00:00Z`);
  return date.test(text) && !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
}

/** With room for a reminder before it and within what the database holds as ISO 8601 of four digits. */
function isUsual(instant: Date): boolean {
  return instant.getUTCFullYear() >= 1000 && instant.getUTCFullYear() <= 9999;
}

/** Whether text has a format. `date-time` is RFC 3339 with its offset, so that it is one instant everywhere. */
export const isOfFormat: Record<TextFormat, (text: string) => boolean> = {
  'date-time': (text) => {
    const [, day] = dateTime.exec(text) ?? [];
    return day !== undefined && isDay(day) && isUsual(new Date(text));
  },
  date: (text) => isDay(text) && isUsual(new Date(text)),
  email: (text) => text.length <= 254 && email.test(text),
  phone: (text) => phone.test(text),
};
