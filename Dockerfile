# One image for the API, the worker and the migration; docker-compose.yml says which it is.
# The first stage builds the workspace, which needs what the running image does not.
FROM node:24-slim AS workspace
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund
COPY . .
RUN npm run build:ui

FROM node:24-slim
# Temporal's native client and S3 look for the system's certificates, which the slim image lacks.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production TZ=UTC
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --omit=dev --no-audit --no-fund && npm cache clean --force
COPY . .
COPY --from=workspace /app/ui/dist ui/dist
RUN mkdir -p /data && chown node:node /data
USER node
ENV HOLDFAST_DATA=/data HOST=0.0.0.0
EXPOSE 3000 2525
# Node itself, not npm: the signal to stop reaches the process that has to finish its work.
CMD ["node", "--import", "tsx", "api/main.ts"]
