import { Role } from '@vestibule/shared/contracts/account';
import { JsonObject } from '@vestibule/shared/contracts/json';
import { ProcessName } from '@vestibule/shared/contracts/process';
import { type Static, Type } from '@vestibule/shared/schema';

/** How a step is named within its definition. */
export const StepName = Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' });
/** A typo must not pass silently. */
const closed = { additionalProperties: false };
const Title = Type.String({ minLength: 1, maxLength: 100 });
/** ISO 8601, of days, hours, minutes and seconds: `P3D`, `PT4H`. */
const Duration = Type.String({
  pattern: '^P(?=.)(\\d{1,4}D)?(T(?=.)(\\d{1,5}H)?(\\d{1,5}M)?(\\d{1,5}S)?)?$',
});

/** Where it goes on. The first branch without `when`, or whose field of the step's form has that value, is taken. */
const Branch = Type.Object(
  {
    when: Type.Optional(
      Type.Object({ field: Type.String(), equals: Type.Union([Type.String(), Type.Boolean()]) }, closed),
    ),
    to: StepName,
    /** The task that it goes to is claimed from the start by who completed that step last. */
    assign: Type.Optional(Type.Literal('last-worker')),
  },
  closed,
);
export type Branch = Static<typeof Branch>;

/** Work of a person, completed with a form. */
export const TaskStep = Type.Object(
  {
    kind: Type.Literal('task'),
    title: Title,
    /** JSON Schema; see form-schema.ts for what of it may be used. */
    form: JsonObject,
    /** Who may claim it; absent only where `assignee` is given. */
    candidateRole: Type.Optional(Role),
    /** Claimed by the applicant from the start. */
    assignee: Type.Optional(Type.Literal('applicant')),
    /** When it should be done: at the time in a field of the start form, or so long after it was opened. */
    due: Type.Optional(
      Type.Object({ field: Type.Optional(Type.String()), after: Type.Optional(Duration) }, closed),
    ),
    /** So long before it is due its people are reminded. */
    remindBefore: Type.Optional(Duration),
    next: Type.Array(Branch, { minItems: 1, maxItems: 20 }),
  },
  closed,
);
export type TaskStep = Static<typeof TaskStep>;

/** What the platform does to the applicant's account; by contract of the user service. */
export const AccountAction = Type.Union([
  Type.Literal('audit-account'),
  Type.Literal('reject-account'),
  Type.Literal('remove-account'),
]);
export type AccountAction = Static<typeof AccountAction>;

/** Work of the platform, done in the name of who completed the task before it; at least once. */
export const ActionStep = Type.Object(
  {
    kind: Type.Literal('action'),
    title: Title,
    action: AccountAction,
    to: StepName,
  },
  closed,
);
export type ActionStep = Static<typeof ActionStep>;

/** Completes the instance. `outcome`: how it ended, in a word: `accepted`. */
export const EndStep = Type.Object({ kind: Type.Literal('end'), title: Title, outcome: StepName }, closed);
export type EndStep = Static<typeof EndStep>;

export const Step = Type.Union([TaskStep, ActionStep, EndStep]);
export type Step = Static<typeof Step>;

/** A process as data. What TypeBox cannot say of it, definition-rules.ts checks when it is loaded. */
export const Definition = Type.Object(
  {
    name: ProcessName,
    title: Title,
    /** JSON Schema of the form that starts it. */
    form: JsonObject,
    start: Type.Object(
      {
        /** `client`: whoever is signed in; `platform`: only the platform itself. */
        by: Type.Union([Type.Literal('client'), Type.Literal('platform')]),
        /** Started for every account that comes to wait for its audit. */
        on: Type.Optional(Type.Literal('account-pending')),
        /** An applicant has one that is running at most. */
        once: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    /** What happens elsewhere and finishes it, however far it is: the account waits for its audit no longer. */
    settledBy: Type.Optional(Type.Literal('account-audited')),
    first: StepName,
    steps: Type.Record(StepName, Step),
  },
  closed,
);
export type Definition = Static<typeof Definition>;
