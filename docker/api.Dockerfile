# syntax=docker/dockerfile:1
# Packages that run: optional ones would bring back Prisma's command line, and what they speed up is not used here.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY libs/client/package.json ./libs/client/
RUN npm ci --omit=dev --omit=optional

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY libs/client/package.json ./libs/client/
COPY scripts/lib ./scripts/lib
RUN node --input-type=module --eval "await (await import('/app/scripts/lib/install.mjs')).install()"
COPY . .
RUN node scripts/build.mjs

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/prisma/migrations ./prisma/migrations
COPY --from=build /app/docker/migrate.mjs ./docker/migrate.mjs
COPY --from=build /app/dist ./dist
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--no-memory-reducer", "dist/apps/api/src/main.js"]
