import { Worker } from "node:worker_threads";

/** For where no build has been. A thread does not inherit whatever reads TypeScript in this one: it is told first. */
export function startTypescriptWorker(module: URL, workerData: unknown): Worker {
  const reader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const code = `import(${reader}).then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); });`;
  return new Worker(code, { workerData, eval: true });
}
