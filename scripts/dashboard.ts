/** A Grafana panel before it has its place: what it shows, in PromQL, with the legend of each line. */
type Panel = { title: string; unit: string; lines: readonly (readonly [query: string, legend: string])[] };

const rate = (metric: string, by: string, where = '') =>
  `sum by (${by}) (rate(${metric}${where}[$__rate_interval]))`;
const quantile = (q: number, metric: string, by: string) =>
  `histogram_quantile(${q}, ${rate(`${metric}_bucket`, `le, ${by}`)})`;

const http = 'vestibule_http_request_seconds';
const calls = 'vestibule_bus_call_seconds';
const served = 'vestibule_bus_served_seconds';

const panels: readonly Panel[] = [
  {
    title: 'Requests by dialect',
    unit: 'reqps',
    lines: [[rate(`${http}_count`, 'dialect'), '{{dialect}}']],
  },
  {
    title: 'Requests that failed with 5xx, and limits (429)',
    unit: 'reqps',
    lines: [
      [rate(`${http}_count`, 'dialect, status', '{status=~"5.."}'), '{{dialect}} {{status}}'],
      [rate(`${http}_count`, 'dialect', '{status="429"}'), '{{dialect}} limited'],
    ],
  },
  {
    title: 'Duration of requests',
    unit: 's',
    lines: [
      [quantile(0.5, http, 'dialect'), '{{dialect}} p50'],
      [quantile(0.99, http, 'dialect'), '{{dialect}} p99'],
    ],
  },
  {
    title: 'Slowest operations (p99)',
    unit: 's',
    lines: [[`topk(10, ${quantile(0.99, http, 'operation')})`, '{{operation}}']],
  },
  {
    title: 'Calls by subject',
    unit: 'reqps',
    lines: [[rate(`${served}_count`, 'subject'), '{{subject}}']],
  },
  {
    title: 'Calls that ended without an answer',
    unit: 'reqps',
    lines: [
      [
        rate(
          `${calls}_count`,
          'subject, outcome',
          '{outcome=~"unavailable|deadline-passed|busy|database-unavailable|store-unavailable|internal|contract-violated"}',
        ),
        '{{subject}} {{outcome}}',
      ],
    ],
  },
  {
    title: 'Duration of calls at their service (p99)',
    unit: 's',
    lines: [[quantile(0.99, served, 'subject'), '{{subject}}']],
  },
  {
    title: 'Wrong passwords, codes and captchas, and those locked out',
    unit: 'reqps',
    lines: [
      [
        rate(
          `${served}_count`,
          'outcome',
          '{outcome=~"credentials-wrong|rate-limited|address-limited|code-wrong|captcha-wrong"}',
        ),
        '{{outcome}}',
      ],
    ],
  },
  {
    title: 'Passwords and captchas that wait',
    unit: 'short',
    lines: [['sum by (queue, state) (vestibule_work_queue)', '{{queue}} {{state}}']],
  },
  {
    title: 'SMS of the day, and their budget',
    unit: 'short',
    lines: [
      ['max(vestibule_sms_budget_used)', 'used'],
      ['max(vestibule_sms_budget_limit)', 'budget'],
    ],
  },
  {
    title: 'Lateness of the event loop (p99)',
    unit: 's',
    // The figure counts in the 0.1 s between two looks.
    lines: [
      [
        'clamp_min(max by (job, instance) (nodejs_eventloop_lag_p99_seconds) - 0.1, 0)',
        '{{job}} {{instance}}',
      ],
    ],
  },
  {
    title: 'Connections to Postgres',
    unit: 'short',
    lines: [['sum by (job, state) (vestibule_database_pool)', '{{job}} {{state}}']],
  },
  {
    title: 'Events that wait to be published',
    unit: 'short',
    lines: [['max by (service) (vestibule_outbox_waiting)', '{{service}}']],
  },
  {
    title: 'Overdue tasks, and actions on accounts that wait',
    unit: 'short',
    lines: [
      ['max(vestibule_process_overdue_tasks)', 'overdue'],
      ['max(vestibule_process_waiting_actions)', 'actions'],
    ],
  },
  {
    title: 'What processes can use',
    unit: 'short',
    lines: [['min by (job, dependency) (vestibule_dependency_ready)', '{{job}} {{dependency}}']],
  },
  {
    title: 'Memory',
    unit: 'bytes',
    lines: [['process_resident_memory_bytes', '{{job}} {{instance}}']],
  },
  {
    title: 'CPU',
    unit: 'percentunit',
    lines: [['rate(process_cpu_seconds_total[$__rate_interval])', '{{job}} {{instance}}']],
  },
];

const width = 12;
const height = 8;
const datasource = { type: 'prometheus', uid: '$datasource' };

/** The dashboard as Grafana imports it; `job` is the part's name, as prometheus.yml gives it. */
export const dashboard = {
  uid: 'vestibule',
  title: 'vestibule',
  schemaVersion: 39,
  time: { from: 'now-3h', to: 'now' },
  refresh: '30s',
  templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus' }] },
  panels: panels.map(({ title, unit, lines }, index) => ({
    id: index + 1,
    type: 'timeseries',
    title,
    datasource,
    fieldConfig: { defaults: { unit }, overrides: [] },
    gridPos: {
      x: (index % 2) * width,
      y: Math.floor(index / 2) * height,
      w: width,
      h: height,
    },
    targets: lines.map(([expr, legendFormat], line) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + line),
      datasource,
      expr,
      legendFormat,
    })),
  })),
};
