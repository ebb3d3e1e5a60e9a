/**
 * Loaded into the service, makes it wrong on purpose: posts of interactions are acknowledged a moment before
 * they are stored. A harness that does not find this finds nothing.
 */
import { Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

const LATE_MS = 50;
const ANSWER = JSON.stringify({ stored: 1, duplicates: 0, merged: 0 });
const MARK = 'x-acknowledged';

const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...args) {
  if (event !== 'request' || !isPost(args[0])) return emit.call(this, event, ...args);
  void answerAndStore(this.address().port, ...args);
  return true;
};

function isPost({ method, url, headers }) {
  return method === 'POST' && url.endsWith('/interactions') && headers[MARK] === undefined;
}

async function answerAndStore(port, request, response) {
  const body = await buffer(request);
  response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
  await delay(LATE_MS);
  const headers = {
    'content-type': 'application/json',
    authorization: request.headers.authorization,
    'idempotency-key': request.headers['idempotency-key'],
    [MARK]: 'yes',
  };
  await fetch(`http://127.0.0.1:${port}${request.url}`, { method: 'POST', headers, body }).catch(() => null);
}
