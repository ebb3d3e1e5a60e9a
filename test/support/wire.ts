import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Passes bytes on until it is told to keep them: both sides then have a connection that is half open. */
export class Wire {
  readonly #sockets = new Set<Socket>();
  #silenceAt: string | null = null;

  private constructor(
    private readonly server: Server,
    /** The same address, by way of this. */
    readonly url: string,
  ) {}

  static async to(url: string): Promise<Wire> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };
    const wire = new Wire(server, Object.assign(new URL(url), { port: String(port) }).href);
    server.on('connection', (near) => wire.#connect(near, Number(new URL(url).port)));
    return wire;
  }

  /** Nothing passes any more on the connections of now. */
  goSilent(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** Every connection goes silent as soon as this is sent. */
  silenceAt(text: string): void {
    this.#silenceAt = text;
  }

  close(): void {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(near: Socket, port: number): void {
    const far = connect(port, '127.0.0.1');
    near.on('data', (bytes) => {
      if (this.#silenceAt !== null && bytes.includes(this.#silenceAt))
        for (const socket of [near, far]) socket.unpipe();
    });
    near.on('error', () => far.destroy()).pipe(far);
    far.on('error', () => near.destroy()).pipe(near);
    for (const socket of [near, far]) this.#sockets.add(socket);
  }
}
