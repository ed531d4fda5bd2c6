import { AppError } from '../errors.ts';

/** An SQLSTATE: its classes begin with a digit or one of F, H, P, X; `EPIPE` is none. */
const sqlState = /^[0-9FHPX][0-9A-Z]{4}$/;

/**
 * Classes and codes by which Postgres says that it cannot serve now, not that the question was wrong:
 * connection exceptions, insufficient resources (too many connections among them), operator intervention
 * (shutdown, statement time-out), system errors, and locks and idle transactions that took too long.
 */
const away = ['08', '53', '57', '58', '55P03', '25P03', '25P04'];

/** The SQLSTATE of an error that came from Postgres or PGlite, else undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return sqlState.test(error.code) ? error.code : undefined;
}

/**
 * Whether an insert or update was refused because the value is there already: in `constraint`, when it is
 * given. Postgres and PGlite alike.
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlStateOf(error) !== '23505') return false;
  if (constraint === undefined) return true;
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}

/** Whether Postgres itself says that it cannot serve now. */
export function saysAway(error: unknown): boolean {
  const state = sqlStateOf(error) ?? '';
  return away.some((prefix) => state.startsWith(prefix));
}

/** What an operation on a database that is away ends with. */
export function unavailable(cause: unknown): AppError {
  return new AppError('database-unavailable', {}, cause);
}
