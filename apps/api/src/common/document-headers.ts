import { DECORATORS } from '@nestjs/swagger';

interface Documented {
  readonly headers?: object;
}

/** Documents headers of every answer of 2xx of a method. Stands above what documents its answers. */
export function documentHeaders(headers: object): MethodDecorator {
  return (_target, _key, { value }: PropertyDescriptor) => {
    const method = value as object;
    const responses = Reflect.getMetadata(DECORATORS.API_RESPONSE, method) as Record<string, Documented>;
    const documented = Object.entries(responses).map(([status, response]) => [
      status,
      status.startsWith('2') ? { ...response, headers: { ...response.headers, ...headers } } : response,
    ]);
    Reflect.defineMetadata(DECORATORS.API_RESPONSE, Object.fromEntries(documented), method);
  };
}
