import type { PortableError } from '../errors.js';
import type { KernelName } from '../wasm/loader.js';

/** `session` tells apart the operations that a thread has open. */
export interface ToThread {
  readonly session: number;
  readonly message:
    | { readonly open: string; readonly kernel: KernelName; readonly shared: unknown }
    | { readonly position: number; readonly args: unknown }
    | { readonly close: true };
}
export interface FromThread {
  readonly session: number;
  readonly message:
    | { readonly position: number; readonly result: unknown }
    | { readonly closed: unknown }
    | { readonly error: PortableError };
}
