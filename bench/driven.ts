/** What a driver says of one run. */
export type Driven = {
  /** Answered, wrong ones included. */
  requests: number;
  seconds: number;
  /** Answers that were not as expected, and requests that got none. */
  wrong: number;
  /** The first of them. */
  firstWrong: string;
  p50Ms: number;
  p99Ms: number;
  /** Requests a second of those that took all that there was, where there were such. */
  floodPerSecond?: number;
};

/** How a run is driven: by so many connections at once, each with its next request after the last one's answer. */
export type Pace = { urls: readonly string[]; connections: number; seconds: number };
