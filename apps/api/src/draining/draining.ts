import { Injectable } from '@nestjs/common';
import { ReplaySubject, type Observable } from 'rxjs';

/** Tells all parts of this process that it is about to end. */
@Injectable()
export class Draining {
  readonly #begun = new ReplaySubject<void>(1);
  #isOn = false;

  /**
   * Emits when calls shall be sent to other processes, also to those who ask later. Calls that come all
   * the same are answered.
   */
  get begun(): Observable<void> {
    return this.#begun;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  begin(): void {
    this.#isOn = true;
    this.#begun.next();
  }
}
