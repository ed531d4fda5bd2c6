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

const written = /^[1-9]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const iso8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Reads a time of a client: as the documents write it, in one time zone, or ISO 8601 with its own; answers ISO
 * 8601 in UTC, or undefined for what is no time. What a document writes has no milliseconds: `partOfSecond` are
 * those that it is taken with.
 */
export function createTimeReader(
  timeZone: string,
): (text: string, partOfSecond?: number) => string | undefined {
  const write = createTimes(timeZone);
  const asUtc = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`);
  function inZone(text: string): number {
    const wanted = asUtc(text);
    if (Number.isNaN(wanted)) return wanted;
    let at = wanted;
    // The second round is for what lies between the change of an offset and that offset.
    for (let round = 1; round <= 2; round += 1) at += wanted - asUtc(write(new Date(at).toISOString()));
    return write(new Date(at).toISOString()) === text ? at : Number.NaN;
  }
  return (text, partOfSecond = 0) => {
    const local = written.test(text);
    if (!local && !iso8601.test(text)) return undefined;
    const at = local ? inZone(text) + partOfSecond : Date.parse(text);
    return Number.isNaN(at) ? undefined : new Date(at).toISOString();
  };
}
