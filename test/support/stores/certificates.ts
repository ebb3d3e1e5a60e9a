import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of an authority and of what it has signed for this machine. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority of its own, which nobody trusts unless told to, and a server's certificate by it. */
export function makeCertificates(folder: string): Certificates {
  const openssl = (command: string) =>
    execFileSync('openssl', command.split(' '), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  writeFileSync(join(folder, 'san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  openssl(`req -x509 ${newKey} -days 2 -subj /CN=authority -keyout ca.key -out ca.crt`);
  openssl(`req ${newKey} -subj /CN=localhost -keyout server.key -out server.csr`);
  openssl(
    'x509 -req -days 2 -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile san -out server.crt',
  );
  const path = (name: string) => join(folder, name);
  return { ca: path('ca.crt'), cert: path('server.crt'), key: path('server.key') };
}
