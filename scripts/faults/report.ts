/** What an experiment tells: figures, and whether they are within their bounds. */
export type Report = {
  say(line: string): void;
  check(what: string, holds: boolean): void;
  passed: number;
  failed: number;
};

export function openReport(): Report {
  const report: Report = {
    passed: 0,
    failed: 0,
    say: (line) => console.log(line),
    check(what, holds) {
      report[holds ? 'passed' : 'failed'] += 1;
      console.log(`${holds ? 'ok    ' : 'FAILED'} ${what}`);
    },
  };
  return report;
}

export const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;
