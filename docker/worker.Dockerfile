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
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
USER node
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["node", "dist/apps/worker/src/health.js"]
CMD ["node", "dist/apps/worker/src/main.js"]
