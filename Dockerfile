# One image for the API, the worker and the migration; docker-compose.yml says which it is.
FROM node:24-slim
ENV NODE_ENV=production TZ=UTC
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --omit=dev --no-audit --no-fund
COPY . .
RUN mkdir -p /data && chown node:node /data
USER node
ENV HOLDFAST_DATA=/data HOST=0.0.0.0
EXPOSE 3000 2525
CMD ["npm", "run", "api"]
