import type { People } from './people.ts';
import type { Report } from './report.ts';
import type { Stack } from './stack.ts';

/** What an experiment gets: the stack, all of it healthy, and some people who are registered there. */
export type Given = { stack: Stack; people: People; report: Report };
export type Experiment = (given: Given) => Promise<void>;

/** Milliseconds in which a request is answered (REQUEST_DEADLINE_MS), and what the way takes. */
export const deadlineMs = 5000 + 500;
