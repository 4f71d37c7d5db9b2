/*
 * One connection to a server, for a thread that can't wait for promises: takes what a client writes and answers, once the
 * server is done with it, with all that it said. Speaks as much of the protocol as is needed to see where an answer ends.
 */
import { createConnection } from 'node:net';
import { workerData } from 'node:worker_threads';

const { host, port, client, answered } = workerData;
const socket = createConnection({ host, port });

/** What the client wrote and we have not looked at; what the server said and the client has not got. */
let written = Buffer.alloc(0);
let said = Buffer.alloc(0);
let isStarted = false;
let isReady = false;
let isGone = false;
let isWaiting = false;

function answer(bytes) {
  isWaiting = false;
  client.postMessage(Uint8Array.from(bytes));
  Atomics.store(answered, 0, 1);
  Atomics.notify(answered, 0);
}

/** After these the server has something to say: the start of a session, a query, a sync, a password. */
function asksForAnswer() {
  let asks = false;
  for (;;) {
    const head = isStarted ? 1 : 0;
    if (written.length < head + 4) return asks;
    const length = written.readUInt32BE(head) + head;
    if (written.length < length) return asks;
    const type = isStarted ? String.fromCharCode(written[0]) : '';
    if (['', 'Q', 'S', 'p'].includes(type)) asks = true;
    if (type === 'X') socket.end();
    isStarted = true;
    written = written.subarray(length);
  }
}

/** Where an answer ends: ready for a query, a question about the password, or a refusal of the session. -1: not yet. */
function endOfAnswer() {
  for (let at = 0; said.length - at >= 5; ) {
    const type = String.fromCharCode(said[at]);
    const end = at + said.readUInt32BE(at + 1) + 1;
    if (said.length < end) return -1;
    const asks = type === 'R' && ![0, 12].includes(said.readUInt32BE(at + 5));
    if (type === 'Z') isReady = true;
    if (type === 'Z' || asks || (type === 'E' && !isReady)) return end;
    at = end;
  }
  return -1;
}

function look() {
  if (!isWaiting) return;
  const end = isGone ? said.length : endOfAnswer();
  if (end === -1) return;
  const bytes = said.subarray(0, end);
  said = said.subarray(end);
  answer(bytes);
}

socket.on('data', (bytes) => {
  said = Buffer.concat([said, bytes]);
  look();
});
socket.on('error', () => {});
socket.on('close', () => {
  isGone = true;
  look();
});
client.on('message', (bytes) => {
  written = Buffer.concat([written, bytes]);
  socket.write(bytes);
  isWaiting = asksForAnswer();
  if (isWaiting) look();
  else answer([]);
});
