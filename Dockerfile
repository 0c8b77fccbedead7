# The rackcast command, tracker included: docker run -p 6969:6969 -v rackcast:/data rackcast
FROM node:24-slim AS build
WORKDIR /src
COPY . .
# The image brings its own Node 24, so the pinned one (an optional dependency) stays out.
RUN mkdir /packed && npm ci --no-audit --no-fund && npm run build && \
    npm pack --pack-destination /packed \
      --workspace smdb-adapter --workspace tracker --workspace client-config --workspace deployer-cli
WORKDIR /app
RUN echo '{ "private": true }' > package.json && \
    npm install --omit=optional --ignore-scripts --no-audit --no-fund /packed/*.tgz

FROM node:24-slim
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/* && \
    mkdir /data && chown node:node /data
COPY --from=build /app/node_modules /app/node_modules
ENV NODE_ENV=production HOST=0.0.0.0 PORT=6969 DATA_DIR=/data PATH=/app/node_modules/.bin:$PATH
USER node
WORKDIR /data
VOLUME /data
EXPOSE 6969
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# tini reaps children and hands on signals, so that `docker stop` is a clean stop.
ENTRYPOINT ["tini", "--", "rackcast"]
CMD ["tracker"]
