import { AsyncResource } from 'node:async_hooks';
import { finished, type Readable, type Writable } from 'node:stream';
import pg from 'pg';
import { isTracing, kindOf, startDetail, type Span } from '#tracing';

type Done = (error: Error | null | undefined, ...results: unknown[]) => void;
/** What is sent: a text, a text with its values, or what speaks to the connection itself, as COPY does. */
type Statement = string | { readonly text: string; readonly submit?: unknown };

const OPERATION = /^\W*(\w+)/;
const TABLE = /\b(?:FROM|INTO|UPDATE|COPY|ANALYZE)\s+(?:ONLY\s+)?(?:"\w+"\.)?"?([a-z_]+)\b(?!\s*\()/;
const LITERALS = /'[^']*'/g;

/** A pool whose statements are told of where traces are on, each within the span that it is sent in. */
export function createPool(options: pg.PoolConfig): pg.Pool {
  return isTracing() ? new TracedPool({ ...options, Client: TracedClient }) : new pg.Pool(options);
}

class TracedPool extends pg.Pool {
  /** A connection may be handed on by a call that belongs to another span. */
  override connect(done?: unknown): Promise<pg.PoolClient> {
    const connect = super.connect.bind(this) as (done?: unknown) => Promise<pg.PoolClient>;
    return typeof done === 'function' ? connect(AsyncResource.bind(done as () => void)) : connect();
  }
}

class TracedClient extends pg.Client {
  override query(...sent: unknown[]): never {
    const query = super.query.bind(this) as (...sent: unknown[]) => unknown;
    const span = startStatement(sent[0] as Statement);
    return (span ? tell(span, query, sent) : query(...sent)) as never;
  }
}

/** Its operation and its table: texts and values may hold what is nobody's business. */
function startStatement(statement: Statement): Span | null {
  const text = (typeof statement === 'string' ? statement : statement.text).replace(LITERALS, '');
  const operation = OPERATION.exec(text)?.[1]?.toUpperCase() ?? 'SQL';
  const table = TABLE.exec(text)?.[1];
  return startDetail(table === undefined ? operation : `${operation} ${table}`, {
    kind: 'client',
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      ...(table !== undefined && { 'db.collection.name': table }),
    },
  });
}

function tell(span: Span, query: (...sent: unknown[]) => unknown, sent: unknown[]): unknown {
  const end = (error?: unknown) => span.end(error === undefined ? undefined : kindOf(error));
  const done = sent.at(-1);
  if (typeof done === 'function') {
    const told: Done = (error, ...results) => {
      end(error ?? undefined);
      (done as Done)(error, ...results);
    };
    return query(...sent.slice(0, -1), told);
  }
  const result = query(...sent);
  if (result instanceof Promise) result.then(() => end(), end);
  else finished(result as Readable | Writable, (error) => end(error ?? undefined));
  return result;
}
