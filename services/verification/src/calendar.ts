import { createTimes } from '@vestibule/shared/time-zone';

const secondsOfDay = 86_400;

/** The days of a time zone, for what is counted per calendar day. */
export function createCalendar(timeZone: string) {
  const times = createTimes(timeZone);
  return {
    /** The day on which a time (milliseconds since 1970) falls, `YYYY-MM-DD`, and the milliseconds left of it. */
    dayOf(time: number): { date: string; leftMs: number } {
      const [date = '', clock = ''] = times(new Date(time).toISOString()).split(' ');
      const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
      return { date, leftMs: (secondsOfDay - hours * 3600 - minutes * 60 - seconds) * 1000 };
    },
  };
}
export type Calendar = ReturnType<typeof createCalendar>;
