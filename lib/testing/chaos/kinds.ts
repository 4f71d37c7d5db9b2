import { setTimeout as sleep } from 'node:timers/promises';
import { Findings } from './findings.js';
import type { ChaosKind, ChaosRow } from './options.js';
import { openProxy } from './proxy.js';
import { type Arena, type Trial, tryOut } from './trial.js';

/** What is done in one case. @returns see {@link tryOut} */
type Act = (trial: Trial, arena: Arena, number: number) => Promise<boolean | null>;

interface Kind {
  readonly act: Act;
  /** Cases at once: of those that mostly wait. */
  readonly atOnce?: number;
  readonly processes?: (arena: Arena) => number;
}

const race: Act = async ({ run }, { settings }) => {
  const runs = await Promise.all(Array.from({ length: settings.processes }, () => run()));
  await Promise.all(runs.map(({ outcome }) => outcome));
  return null;
};

const boundary: Act = async ({ run }, _, number) => {
  const { outcome } = await run({ killAfter: number + 1 });
  return (await outcome).type === 'died';
};

const kill: Act = async ({ run, moment }) => {
  const { signal, planned, outcome } = await run();
  await planned;
  await sleep(moment);
  signal('SIGKILL');
  return (await outcome).type === 'died';
};

const terminate: Act = async ({ run, moment, oracle }) => {
  const { planned, outcome } = await run();
  await planned;
  await sleep(moment);
  await oracle.terminate();
  return (await outcome).type !== 'succeeded';
};

const throughProxy =
  (how: 'reset' | 'silence'): Act =>
  async ({ url, dice, run }, { calm }) => {
    const side = dice() < 0.5 ? 'up' : 'down';
    const proxy = await openProxy(url, { side, how, bytes: Math.floor(dice() * calm[side]) });
    try {
      const { outcome } = await run({ database: proxy.url });
      await outcome;
      return proxy.hit();
    } finally {
      proxy.close();
    }
  };

/** Others wait while one is stopped in the middle of its steps; then it goes on. */
const stop: Act = async ({ run, moment, dice }) => {
  const runs = [await run(), await run(), await run()];
  const { signal, goOn } = await Promise.race(runs.map(async (one) => one.planned.then(() => one)));
  await sleep(moment);
  const hit = signal('SIGSTOP');
  await sleep(100 + dice() * 2_000);
  goOn();
  await Promise.all(runs.map((one) => one.outcome));
  return hit;
};

const crash: Act = async ({ run, moment }, { settings }) => {
  const { planned, outcome } = await run();
  await planned;
  await sleep(moment);
  await settings.crash?.();
  return (await outcome).type !== 'succeeded';
};

/** `pooler` has a server of its own in front. */
const KINDS: Readonly<Record<Exclude<ChaosKind, 'pooler'>, Kind>> = {
  race: { act: race, processes: ({ settings }) => settings.processes },
  boundary: { act: boundary },
  kill: { act: kill },
  terminate: { act: terminate },
  cut: { act: throughProxy('reset') },
  silence: { act: throughProxy('silence'), atOnce: 6 },
  stop: { act: stop, processes: () => 3 },
  crash: { act: crash },
};

/** All cases of a kind. */
export async function tryKind(arena: Arena, kind: Exclude<ChaosKind, 'pooler'>): Promise<ChaosRow> {
  const { act, atOnce = 1, processes = () => 1 } = KINDS[kind];
  const wanted = arena.settings.counts[kind];
  const cases = kind === 'boundary' ? Math.min(wanted, arena.expected.length) : wanted;
  const findings = new Findings();
  await arena.replicas.warm(Math.max(atOnce, processes(arena)));
  const numbers = Array.from({ length: cases }, (_, number) => number).values();
  const walk = async (): Promise<void> => {
    for (const number of numbers)
      await tryOut(arena, findings, { kind, number }, (trial) => act(trial, arena, number));
  };
  await Promise.all(Array.from({ length: atOnce }, walk));
  return findings.row(kind, '', cases, processes(arena));
}
