import { Global, Module } from '@nestjs/common';
import { Draining } from './draining.js';
import { HttpDrain } from './http-drain.js';

@Global()
@Module({ providers: [Draining, HttpDrain], exports: [Draining, HttpDrain] })
export class DrainingModule {}
