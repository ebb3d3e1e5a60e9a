import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { ErrorCode } from '@app/domain';
import { PROBLEMS } from './problem/problem-catalog.js';

/** Documents the errors of a call, one example each. */
export function ApiProblems(...codes: readonly ErrorCode[]): MethodDecorator & ClassDecorator {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))];
  const responses = statuses.map((status) => {
    const group = codes.filter((code) => PROBLEMS[code].status === status);
    return ApiResponse({
      status,
      description: group.map((code) => PROBLEMS[code].title).join('; '),
      content: {
        'application/problem+json': {
          schema: { type: 'object' },
          examples: Object.fromEntries(group.map((code) => [code, { value: exampleOf(code) }])),
        },
      },
    });
  });
  return applyDecorators(...responses);
}

function exampleOf(code: ErrorCode) {
  const { status, title } = PROBLEMS[code];
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: title,
    instance: 'urn:uuid:0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11',
  };
}
