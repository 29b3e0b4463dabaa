/** A worker that answers every question. */
export interface Thread {
  /** Sends a message and waits until the worker says that it is done with it. */
  ask(message: Readonly<Record<string, unknown>>): Promise<void>;
  tell(message: Readonly<Record<string, unknown>>): void;
  /** Hears of a failure or an end that nobody asked for. */
  onFailure(heard: (message: string) => void): void;
  end(): void;
}

/** A worker thread of Node that runs `worker.mjs`; while nothing is asked, it keeps no process alive. */
export async function spawnWorker(): Promise<Thread> {
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(new URL('./worker.mjs', import.meta.url));
  const waiting = new Map<number, { readonly resolve: () => void; readonly reject: (why: Error) => void }>();
  const listeners: ((message: string) => void)[] = [];
  let tickets = 0;
  let ended = false;
  const fail = (message: string): void => {
    if (ended) return;
    for (const { reject } of waiting.values()) reject(new Error(message));
    for (const heard of listeners) heard(message);
  };
  worker.on('message', (answer: { readonly kind: string; readonly ticket: number; readonly message: string }) => {
    if (answer.kind === 'failed') fail(answer.message);
    waiting.get(answer.ticket)?.resolve();
    waiting.delete(answer.ticket);
    if (waiting.size === 0) worker.unref();
  });
  worker.on('error', (error) => fail(error.message));
  worker.on('exit', () => fail('it ended'));
  return {
    ask: (message) => new Promise((resolve, reject) => {
      const ticket = ++tickets;
      waiting.set(ticket, { resolve, reject });
      worker.ref();
      worker.postMessage({ ...message, ticket });
    }),
    tell: (message) => worker.postMessage(message),
    onFailure: (heard) => { listeners.push(heard); },
    end: () => {
      ended = true;
      void worker.terminate();
    },
  };
}
