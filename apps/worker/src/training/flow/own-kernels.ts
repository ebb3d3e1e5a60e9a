import { Injectable, Logger } from '@nestjs/common';
import { loadKernels, probeKernels } from '#models';

/** How the kernels of this worker round: a run's blocks are solved by workers alone that round alike. */
@Injectable()
export class OwnKernels {
  readonly probe: string;

  constructor() {
    const kernels = loadKernels();
    this.probe = probeKernels(kernels);
    new Logger(OwnKernels.name).log({ event: 'worker.kernels', kernel: kernels.name, probe: this.probe });
  }
}
