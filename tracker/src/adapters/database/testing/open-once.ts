import { openDatabase } from "../open-database.ts";

// A process that opens the database named on its command line, and ends.
const database = await openDatabase(process.argv[2] ?? "");
await database.destroy();
