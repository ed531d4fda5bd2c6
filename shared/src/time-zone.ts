import { FormatRegistry } from './schema.ts';

/** Whether the runtime knows a time zone of this name, as the IANA database writes it. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The format of a setting that names a time zone. */
export const timeZoneFormat = 'vestibule-time-zone';
FormatRegistry.Set(timeZoneFormat, isTimeZone);

/** Writes times of contracts (ISO 8601) as the documents do: `YYYY-MM-DD HH:mm:ss` in one time zone. */
export function createTimes(timeZone: string): (iso: string) => string {
  // Swedish writes dates the ISO way, with a space before the time.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    calendar: 'iso8601',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return (iso) => format.format(new Date(iso));
}
