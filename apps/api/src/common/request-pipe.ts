import { Injectable, StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { validationProblem } from './problem/validation-problem.js';

/** Checks what a controller takes; a parameter of the path is named as one of the query is. */
@Injectable()
export class RequestPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: validationProblem });
  }

  override async transform<Value>(value: Value, metadata: ArgumentMetadata): Promise<Value> {
    if (metadata.type !== 'param' || metadata.data === undefined || !metadata.schema)
      return super.transform(value, metadata);
    const { issues } = await metadata.schema['~standard'].validate(value);
    if (!issues) return value;
    throw validationProblem(issues.map(({ message }) => ({ message, path: [metadata.data!] })));
  }
}
