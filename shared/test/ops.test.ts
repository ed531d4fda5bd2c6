import { CommonSettings, readConfig } from '@vestibule/shared/config';
import { Counter } from '@vestibule/shared/metrics';
import { openOps } from '@vestibule/shared/ops';
import { logLines } from '@vestibule/shared/test/log-lines';
import { freePort } from '@vestibule/shared/test/server-process';
import t from 'tap';

t.test('the port for operations shows the figures that the process keeps', async (t) => {
  const port = await freePort();
  const environment = { OPS_PORT: String(port) };
  const opened = new AsyncDisposableStack();
  t.teardown(() => opened.disposeAsync());
  const ops = await openOps(
    {
      name: 'test',
      settings: readConfig(CommonSettings, environment),
      logger: logLines().logger,
      environment,
      opened,
    },
    { standardPort: port },
  );
  const eggs = new Counter({ name: 'eggs_total', help: 'Eggs.', registers: [ops.metrics] });
  eggs.inc(12);
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  t.equal(answer.status, 200);
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  const shown = await answer.text();
  t.match(shown, '\neggs_total 12\n');
  t.match(shown, '\nvestibule_dependency_ready{dependency="start"} 0\n');
  t.match(shown, /\nnodejs_eventloop_lag_p99_seconds /);
  ops.serving();
  const later = await fetch(`http://127.0.0.1:${port}/metrics`);
  t.match(await later.text(), '\nvestibule_dependency_ready{dependency="start"} 1\n');
});
