// emmett at work: reads orders as lines of JSON on standard input, answers each with a line.
//
//   node emmett.mjs postgresql postgresql://…    node emmett.mjs sqlite FILE
//
// It does not do: a receipt with a command id (a retry stores again), appends to several streams
// at once, gapless positions for each log, leaf hashes. Its SQLite store opens and closes the file
// for every append and takes no second append meanwhile, so one client is all it is asked for.
import { createInterface } from "node:readline";
import { performance } from "node:perf_hooks";

console.log = console.error; // what the library prints is no answer
const [kind, place] = process.argv.slice(2);
let synchronous; // what SQLite holds, seen from within a transaction
const store = await open();
const counts = new Map();

async function open() {
  if (kind === "postgresql") {
    const { getPostgreSQLEventStore } = await import("@event-driven-io/emmett-postgresql");
    return getPostgreSQLEventStore(place);
  }
  const { getSQLiteEventStore } = await import("@event-driven-io/emmett-sqlite");
  const onBeforeCommit = async (_, { connection }) => {
    synchronous ??= (await connection.querySingle("PRAGMA synchronous")).synchronous;
  };
  const found = getSQLiteEventStore({ fileName: place, hooks: { onBeforeCommit } });
  return found;
}

const event = (document) => ({ type: document.fact.type, data: document });

async function append(stream, events) {
  const version = counts.get(stream) ?? 0n;
  for (let left = 10; ; left -= 1) {
    try {
      await store.appendToStream(stream, events, { expectedStreamVersion: version });
      break;
    } catch (error) {
      // Now and then it commits while a statement of its own still runs; nothing is stored then.
      if (left === 0 || !String(error).includes("SQLITE_BUSY")) throw error;
    }
  }
  counts.set(stream, version + BigInt(events.length));
}

const orders = {
  // Changes a second of so many clients, one event an append, a stream each.
  async write({ document, seconds, clients, name }) {
    const begun = performance.now();
    const until = begun + seconds * 1000;
    let count = 0;
    const client = async (number) => {
      while (performance.now() < until) {
        await append(`${name}-${number}`, [event(document)]);
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
    return (count / (performance.now() - begun)) * 1000;
  },
  // A stream of documents, several an append.
  async fill({ stream, documents }) {
    await append(stream, documents.map(event));
    return documents.length;
  },
  // Seconds to read and fold a stream to what was spent on each line.
  async replay({ stream, spent }) {
    const begun = performance.now();
    const evolve = (state, { data: { fact } }) => {
      if (fact.amount !== undefined) {
        const line = JSON.stringify(fact.line);
        state.set(line, (state.get(line) ?? 0) + fact.amount);
      }
      return state;
    };
    const { state } = await store.aggregateStream(stream, { initialState: () => new Map(), evolve });
    const seconds = (performance.now() - begun) / 1000;
    const sum = [...state.values()].reduce((one, other) => one + other, 0);
    if (sum !== spent) throw new Error(`folded ${sum} instead of ${spent}`);
    return seconds;
  },
  async durability() {
    return kind === "sqlite" ? synchronous : null;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { order, ...details } = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify({ answer: await orders[order](details) })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error?.stack ?? error) })}\n`);
  }
}
process.exit(0);
