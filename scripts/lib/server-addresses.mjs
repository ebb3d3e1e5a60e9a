const { DATABASE_URL, DIRECT_DATABASE_URL, REDIS_URL } = process.env;

/** Private ones, in place of those that the environment does not name. */
export function wantedServers() {
  return { postgres: !DATABASE_URL, redis: REDIS_URL === undefined };
}

/** The variables by which the service reaches its servers. @param servers the private ones */
export function serverAddresses(servers) {
  return {
    DATABASE_URL: DATABASE_URL ?? servers.postgresUrl,
    // The private server has no pooler.
    DIRECT_DATABASE_URL: (DATABASE_URL && DIRECT_DATABASE_URL) || '',
    REDIS_URL: REDIS_URL ?? servers.redisUrl,
  };
}
