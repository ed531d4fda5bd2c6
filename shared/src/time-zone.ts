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

/** As `createTimes`, by the runtime alone. */
function createFormat(timeZone: string): (at: Date) => string {
  // Swedish writes dates the ISO way, with a space before the time.
  const { format } = new Intl.DateTimeFormat('sv-SE', {
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
  return format;
}

/** The time that a text would be if it were of UTC; no number where it is none. */
const asUtc = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`);

const dayMs = 86_400_000;
/** Days whose offset is remembered at most, of each zone. */
const mostDays = 4000;

const twoDigits = (value: number) => (value < 10 ? `0${value}` : String(value));

/** As the documents do, of a `Date` whose UTC is the local time. */
function written(local: Date): string {
  const month = twoDigits(local.getUTCMonth() + 1);
  const date = `${local.getUTCFullYear()}-${month}-${twoDigits(local.getUTCDate())}`;
  const [hours, minutes] = [twoDigits(local.getUTCHours()), twoDigits(local.getUTCMinutes())];
  return `${date} ${hours}:${minutes}:${twoDigits(local.getUTCSeconds())}`;
}

/**
 * Writes times of contracts (ISO 8601) as the documents do: `YYYY-MM-DD HH:mm:ss` in one time zone. A page of a list has
 * many, and the runtime is slow at it: so it is asked once for each day of UTC, where that begins and ends with the same
 * offset. No zone has ever changed its offset twice within three days.
 */
export function createTimes(timeZone: string): (iso: string) => string {
  const format = createFormat(timeZone);
  const offsets = new Map<number, number>();

  function offsetAt(begin: Date): number {
    // A time that there is not has none, nor has a year that is not written with four digits.
    return Number.isNaN(begin.getTime()) ? Number.NaN : asUtc(format(begin)) - begin.getTime();
  }

  /** Milliseconds that the zone is ahead all day; no number where that changes. */
  function offsetOf(day: number): number {
    const known = offsets.get(day);
    if (known !== undefined) return known;
    const offset = offsetAt(new Date(day * dayMs));
    const steady = offset === offsetAt(new Date((day + 1) * dayMs)) ? offset : Number.NaN;
    if (offsets.size >= mostDays) offsets.clear();
    offsets.set(day, steady);
    return steady;
  }

  return (iso) => {
    const at = Date.parse(iso);
    const offset = offsetOf(Math.floor(at / dayMs));
    return Number.isNaN(offset) ? format(new Date(at)) : written(new Date(at + offset));
  };
}

const asWritten = /^[1-9]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d$/;
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
  function inZone(text: string): number {
    const wanted = asUtc(text);
    if (Number.isNaN(wanted)) return wanted;
    let at = wanted;
    // The second round is for what lies between the change of an offset and that offset.
    for (let round = 1; round <= 2; round += 1) at += wanted - asUtc(write(new Date(at).toISOString()));
    return write(new Date(at).toISOString()) === text ? at : Number.NaN;
  }
  return (text, partOfSecond = 0) => {
    const local = asWritten.test(text);
    if (!local && !iso8601.test(text)) return undefined;
    const at = local ? inZone(text) + partOfSecond : Date.parse(text);
    return Number.isNaN(at) ? undefined : new Date(at).toISOString();
  };
}
