import { formatCheckpoint } from "@tributary/protocol/log";
import { openDatabase } from "../open-database.ts";
import { settleEpoch } from "../settlement-store.ts";
import { takeSettlerLock } from "../settler-lock.ts";
import { settlingOf } from "./epoch-scene.ts";

/** Settles epoch 1 of the database named, in a process of its own, and prints what was paid and the heap it took. */
const database = await openDatabase(process.argv[2]!);
const fence = (await takeSettlerLock(database, "main", 0, 1_000))!;
const sign = (size: number, root: Uint8Array) => formatCheckpoint({ origin: "log.example", size, root });
const startMs = performance.now();
const settlement = await settleEpoch(database, settlingOf(1), fence, sign);
console.log(JSON.stringify({ paid: Number(settlement!.paid), settled: settlement!.settled.length }));
console.error(`settled in ${Math.round(performance.now() - startMs)} ms`);
await database.destroy();
